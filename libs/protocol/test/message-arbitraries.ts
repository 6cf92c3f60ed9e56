import fc from 'fast-check';
import type { FromFleet, FromPage } from '../src/fleet-messages.ts';
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

const rate = fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
const problem = fc.record({ code, message: text, hint: text });
const toldPieces = fc.oneof(fc.record({ bits: fc.base64String({ maxLength: 40 }) }), fc.record({ gained: pieces }));
const stood = {
  state: fc.constantFrom('checking' as const, 'waiting', 'downloading', 'seeding', 'failed'),
  left: count,
  receivedBytesPerSecond: rate,
  sentBytesPerSecond: rate,
};
const maybe = { secondsLeft: rate, seconds: rate, problem };
const inDetail = { pieces: toldPieces, feeders: fc.array(fc.tuple(peerId, rate), { maxLength: 3 }) };
const required = <T extends object>(keys: T): { requiredKeys: (keyof T)[] } => {
  return { requiredKeys: Object.keys(keys) as (keyof T)[] };
};
const report = fc.record({ infoHash, ...stood, ...maybe, ...inDetail }, required({ infoHash, ...stood }));
const machine = { peerId, name: text, agent: text, host: text, port: listeningPort };
const member = fc.record({ ...machine, ...stood, ...maybe, ...inDetail }, required({ ...machine, ...stood }));
const holding = { infoHash, name: text, length: count, ...stood };
const shareRow = fc.record({
  infoHash,
  name: text,
  length: count,
  fileCount: count,
  registeredAt: text,
  seeders: count,
  leechers: count,
  matches: fc.array(text, { maxLength: 10 }),
  left: count,
  receivedBytesPerSecond: rate,
});

/** Any correct message of a page. */
export const messagesFromPage: fc.Arbitrary<FromPage> = fc.record({
  ...of('look'),
  view: fc.oneof(
    fc.record({ at: fc.constant('overview' as const), query: fc.string({ unit: 'grapheme', maxLength: 20 }) }),
    fc.record({ at: fc.constant('share' as const), infoHash }),
    fc.record({ at: fc.constant('machine' as const), peerId }),
  ),
});

/** Any correct message to a page. */
export const messagesFromFleet: fc.Arbitrary<FromFleet> = fc.oneof(
  fc.record({ ...of('welcome'), version: text }),
  fc.record(of('alive')),
  fc.record({
    ...of('overview'),
    query: text,
    shares: fc.array(shareRow, { maxLength: 3 }),
    hasMore: fc.boolean(),
    totals: fc.record({ shares: count, machines: count, receivedBytesPerSecond: rate, sentBytesPerSecond: rate }),
    throughput: fc.array(rate, { maxLength: 5 }),
  }),
  fc.record({
    ...of('share'),
    infoHash,
    name: text,
    length: count,
    fileCount: count,
    registeredAt: text,
    pieceLength: count,
    pieceCount: count,
  }),
  fc.record({
    ...of('members'),
    infoHash,
    changed: fc.array(member, { maxLength: 3 }),
    gone: fc.array(peerId, { maxLength: 3 }),
  }),
  fc.record({
    ...of('machine'),
    machine: fc.record(machine),
    holdings: fc.array(fc.record({ ...holding, ...maybe }, required(holding)), { maxLength: 3 }),
    lastWords: fc.array(fc.record({ at: text, code, message: text }), { maxLength: 3 }),
  }),
  fc.record(of('missing')),
  fc.record({ ...of('error'), code, message: text }),
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
      name: fc.string({ unit: 'grapheme', maxLength: 5 }),
    },
    { requiredKeys: ['kind', 'version', 'peerId', 'port', 'agent'] },
  ),
  fc.record({ ...of('announce'), swarms }),
  fc.record({ ...of('progress'), swarms }),
  fc.record({ ...of('leave'), infoHashes: fc.array(infoHash, { minLength: 1, maxLength: 3 }) }),
  fc.record(of('follow')),
  fc.record({ ...of('report'), swarms: fc.array(report, { maxLength: 3 }) }),
);

/** Any correct message of the tracker in a session. */
export const messagesFromTracker: fc.Arbitrary<FromTracker> = fc.oneof(
  fc.record({ ...of('reachability'), at: address }, { requiredKeys: ['kind'] }),
  fc.record(of('listed')),
  fc.record(
    {
      ...of('welcome'),
      version: fc.constant(1 as const),
      observedHost: host,
      pageOrigins: fc.array(fc.webUrl(), { maxLength: 3 }),
    },
    { requiredKeys: ['kind', 'version', 'observedHost'] },
  ),
  fc.record({ ...of('watch'), isLookedAt: fc.boolean(), infoHashes: fc.array(infoHash, { maxLength: 3 }) }),
  fc.record({
    ...of('peers'),
    infoHashes: fc.array(infoHash, { minLength: 1, maxLength: 3 }),
    added: fc.array(handedPeer, { maxLength: 3 }),
    removed: fc.array(peerId, { maxLength: 3 }),
  }),
  fc.record({ ...of('dial'), infoHash, peer: handedPeer }),
  fc.record({ ...of('error'), code, message: text }),
);
