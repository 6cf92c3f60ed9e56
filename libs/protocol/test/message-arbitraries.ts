import fc from 'fast-check';
import { infoHashSchema, peerIdSchema } from '../src/ids.ts';
import { LIMITS } from '../src/limits.ts';
import type { PeerMessage } from '../src/peer-messages.ts';
import type { FromAgent, FromTracker } from '../src/tracker-messages.ts';

const hex = fc.string({ unit: fc.constantFrom(...Array.from('0123456789abcdef')), minLength: 64, maxLength: 64 });
const infoHash = hex.map((digits) => infoHashSchema.parse(digits));
const peerId = hex.map((digits) => peerIdSchema.parse(digits));
const u32 = fc.integer({ min: 0, max: 0xffff_ffff });
const count = fc.integer({ min: 0, max: Number.MAX_SAFE_INTEGER });
const port = fc.integer({ min: 1, max: 65_535 });
const listeningPort = fc.integer({ min: 0, max: 65_535 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const code = fc.constantFrom('idle', 'bad-piece', 'some-later-code');
const host = fc.constantFrom('localhost', 'seed.example.org', '192.0.2.7', '2001:db8::1');
const address = fc.record({ host, port });
const localHosts = fc.array(fc.constantFrom('192.168.1.7', 'fd00::7'), { maxLength: LIMITS.localHosts });
const piece = fc.integer({ min: 0, max: LIMITS.pieces - 1 });
const pieces = fc.array(piece, { maxLength: 5 });
const blocks = fc.array(fc.tuple(piece, u32, u32), { maxLength: 5 });
const share = fc.record({ infoHash, name: text, length: count, files: fc.array(text, { maxLength: 10 }) });

const of = <K extends string>(kind: K): { kind: fc.Arbitrary<K> } => ({ kind: fc.constant(kind) });
const channel = { channel: u32 };

/** Any correct message of a link. */
export const peerMessages: fc.Arbitrary<PeerMessage> = fc.oneof(
  fc.record({ ...of('hello'), version: count, peerId, port: listeningPort, agent: text }),
  fc.record({ ...of('join'), ...channel, infoHash }),
  fc.record({ ...of('leave'), ...channel }),
  fc.record({ ...of('search'), id: u32, query: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 20 }) }),
  fc.record({ ...of('found'), id: u32, shares: fc.array(share, { maxLength: 3 }) }),
  fc.record({ ...of('bye'), code, message: text }),
  fc.record({ ...of('bitfield'), ...channel, bits: fc.base64String({ maxLength: 40 }) }),
  fc.record({ ...of('have'), ...channel, pieces }),
  fc.record({ ...of('interested'), ...channel, first: pieces }, { requiredKeys: ['kind', 'channel'] }),
  fc.record({ ...of('notInterested'), ...channel }),
  fc.record({ ...of('offer'), ...channel, pieces }),
  fc.record({ ...of('decline'), ...channel, pieces, reason: fc.constantFrom('have', 'promised', 'unwanted') }),
  fc.record({ ...of('request'), ...channel, blocks }),
  fc.record({ ...of('cancel'), ...channel, blocks }),
  fc.record({ ...of('reject'), ...channel, blocks }),
  fc.record({ ...of('expect'), ...channel, add: pieces, drop: pieces }),
  fc.record({ ...of('peers'), ...channel, peers: fc.array(fc.record({ host, port }), { maxLength: 3 }) }),
  fc.record({ ...of('metainfo?'), ...channel }),
  fc.record({ ...of('metainfo'), ...channel, document: text }),
);

const swarms = fc.array(fc.record({ infoHash, left: count }), { minLength: 1, maxLength: 3 });
const handedPeer = fc.record({ peerId, host, port });

/** Any correct message of an agent in a session. */
export const messagesFromAgent: fc.Arbitrary<FromAgent> = fc.oneof(
  fc.record(
    {
      ...of('hello'),
      version: fc.constant(1 as const),
      peerId,
      port: listeningPort,
      advertised: address,
      localHosts,
      agent: text,
    },
    { requiredKeys: ['kind', 'version', 'peerId', 'port', 'agent'] },
  ),
  fc.record({ ...of('announce'), swarms }),
  fc.record({ ...of('progress'), swarms }),
  fc.record({ ...of('leave'), infoHashes: fc.array(infoHash, { minLength: 1, maxLength: 3 }) }),
  fc.record(of('follow')),
);

/** Any correct message of the tracker in a session. */
export const messagesFromTracker: fc.Arbitrary<FromTracker> = fc.oneof(
  fc.record({ ...of('reachability'), at: address }, { requiredKeys: ['kind'] }),
  fc.record(of('listed')),
  fc.record({ ...of('welcome'), version: fc.constant(1 as const), observedHost: host }),
  fc.record({
    ...of('peers'),
    infoHashes: fc.array(infoHash, { minLength: 1, maxLength: 3 }),
    added: fc.array(handedPeer, { maxLength: 3 }),
    removed: fc.array(peerId, { maxLength: 3 }),
  }),
  fc.record({ ...of('dial'), infoHash, peer: handedPeer }),
  fc.record({ ...of('error'), code, message: text }),
);
