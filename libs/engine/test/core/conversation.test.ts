import { LIMITS, PEER_MESSAGE_KINDS, type ErrorCode, type SwarmMessageBody } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { ReceiveBudget } from '../../src/core/receive-budget.ts';
import { aBitfield, aPeerId, effectsOf, PIECE_BYTES, SwarmUnderTest } from './swarm-under-test.ts';

type Kind = SwarmMessageBody['kind'];
type Breach = readonly [what: string, message: SwarmMessageBody, code: ErrorCode];

/** A message that keeps the rules when it is sent after the bitfield, and those that break them. */
interface Rules {
  readonly kept?: SwarmMessageBody;
  readonly broken: readonly Breach[];
}

const PIECES = 8;
const BEHIND = [PIECES];
const blockOf = (piece: number) => [piece, 0, PIECE_BYTES] as const;

const RULES: Readonly<Record<Kind, Rules>> = {
  bitfield: {
    broken: [['comes a second time', { kind: 'bitfield', bits: aBitfield(PIECES).toBase64() }, 'protocol-violation']],
  },
  have: {
    kept: { kind: 'have', pieces: [0, 7] },
    broken: [['names a piece behind the last', { kind: 'have', pieces: BEHIND }, 'protocol-violation']],
  },
  interested: {
    kept: { kind: 'interested', first: [7] },
    broken: [['wants a piece behind the last', { kind: 'interested', first: BEHIND }, 'protocol-violation']],
  },
  notInterested: { kept: { kind: 'notInterested' }, broken: [] },
  offer: {
    kept: { kind: 'offer', pieces: [0, 7] },
    broken: [['names a piece behind the last', { kind: 'offer', pieces: BEHIND }, 'protocol-violation']],
  },
  decline: {
    kept: { kind: 'decline', pieces: [0], reason: 'have' },
    broken: [
      ['names a piece behind the last', { kind: 'decline', pieces: BEHIND, reason: 'have' }, 'protocol-violation'],
    ],
  },
  request: {
    kept: { kind: 'request', blocks: [blockOf(7)] },
    broken: [['names a piece behind the last', { kind: 'request', blocks: [blockOf(8)] }, 'protocol-violation']],
  },
  cancel: {
    kept: { kind: 'cancel', blocks: [blockOf(7)] },
    broken: [['names a piece behind the last', { kind: 'cancel', blocks: [blockOf(8)] }, 'protocol-violation']],
  },
  reject: {
    kept: { kind: 'reject', blocks: [blockOf(7)] },
    broken: [['names a piece behind the last', { kind: 'reject', blocks: [blockOf(8)] }, 'protocol-violation']],
  },
  expect: {
    kept: { kind: 'expect', add: [0], drop: [7] },
    broken: [
      ['adds a piece behind the last', { kind: 'expect', add: BEHIND, drop: [] }, 'protocol-violation'],
      ['drops a piece behind the last', { kind: 'expect', add: [], drop: BEHIND }, 'protocol-violation'],
    ],
  },
  peers: { kept: { kind: 'peers', peers: [{ host: '10.0.0.9', port: 7_000 }] }, broken: [] },
  'metainfo?': { kept: { kind: 'metainfo?' }, broken: [] },
  metainfo: {
    broken: [['was not asked for', { kind: 'metainfo', document: '{}' }, 'protocol-violation']],
  },
};
const KINDS = Object.keys(RULES) as Kind[];
/** Kinds that concern the link and never reach a swarm. */
const OF_THE_LINK = ['hello', 'join', 'leave', 'search', 'found', 'bye'];

const anne = aPeerId(1);

/** A swarm in which a peer has joined and not said anything. */
function aSwarm(): SwarmUnderTest {
  const swarm = new SwarmUnderTest({ pieceCount: PIECES, have: [0, 1] });
  swarm.handle({ kind: 'peer-joined', peerId: anne });
  return swarm;
}

/** The same after its bitfield. */
function aConversation(): SwarmUnderTest {
  const swarm = aSwarm();
  swarm.hear(anne, { kind: 'bitfield', bits: aBitfield(PIECES, [7]).toBase64() });
  return swarm;
}

function bansOf(swarm: SwarmUnderTest, message: SwarmMessageBody): (readonly [string, ErrorCode])[] {
  return effectsOf(swarm.hear(anne, message), 'ban-peer').map(({ peerId, code }) => [peerId, code] as const);
}

it('has rules for every kind of message about a swarm', () => {
  expect(KINDS.toSorted()).toEqual(PEER_MESSAGE_KINDS.filter((kind) => !OF_THE_LINK.includes(kind)).toSorted());
});

describe('a peer that keeps the rules', () => {
  const kept = KINDS.flatMap((kind) => RULES[kind].kept ?? []);
  it.each(kept.map((message) => [message.kind, message] as const))('may say "%s"', (_kind, message) => {
    expect(bansOf(aConversation(), message)).toEqual([]);
  });

  it('may ask for the metainfo before its bitfield', () => {
    expect(bansOf(aSwarm(), { kind: 'metainfo?' })).toEqual([]);
  });

  it('may have as many offers open as the limit says, and no more', () => {
    const budget = new ReceiveBudget();
    const swarm = new SwarmUnderTest({ pieceCount: LIMITS.outstandingRequests + 1, budget });
    budget.take(2 * LIMITS.maxPieceBytes);
    swarm.join(anne, 'all');
    for (const message of offersOf(LIMITS.outstandingRequests)) expect(bansOf(swarm, message)).toEqual([]);
    const oneMore: SwarmMessageBody = { kind: 'offer', pieces: [LIMITS.outstandingRequests] };
    expect(bansOf(swarm, oneMore)).toEqual([[anne, 'protocol-violation']]);
  });
});

describe('a peer is banned when', () => {
  const first = KINDS.filter((kind) => kind !== 'bitfield' && kind !== 'metainfo?');
  it.each(first)('its first message is "%s" and not its bitfield', (kind) => {
    const message = RULES[kind].kept ?? RULES[kind].broken[0]?.[1];
    expect(bansOf(aSwarm(), message!)).toEqual([[anne, 'protocol-violation']]);
  });

  const broken = KINDS.flatMap((kind) => RULES[kind].broken.map((breach) => [kind, ...breach] as const));
  it.each(broken)('"%s" %s', (_kind, _what, message, code) => {
    expect(bansOf(aConversation(), message)).toEqual([[anne, code]]);
  });

  it.each([
    ['is for a share of another size', aBitfield(PIECES + 1).toBase64()],
    ['has a spare bit set', aBitfield(PIECES, 'all').toBase64()],
    ['is not base64', '!!!!'],
  ])('its bitfield %s', (_what, bits) => {
    const swarm = new SwarmUnderTest({ pieceCount: 5 });
    swarm.handle({ kind: 'peer-joined', peerId: anne });
    expect(bansOf(swarm, { kind: 'bitfield', bits })).toEqual([[anne, 'bad-message']]);
  });
});

it('learns the addresses that a peer tells', () => {
  const peers = [{ host: '10.0.0.9', port: 7_000 }];
  expect(effectsOf(aConversation().hear(anne, { kind: 'peers', peers }), 'learn-peers')).toEqual([
    { kind: 'learn-peers', peers },
  ]);
});

it('hands out the metainfo to a peer that asks, once', () => {
  const swarm = aSwarm();
  expect(effectsOf(swarm.hear(anne, { kind: 'metainfo?' }), 'send-metainfo')).toEqual([
    { kind: 'send-metainfo', peerId: anne },
  ]);
  expect(effectsOf(swarm.hear(anne, { kind: 'metainfo?' }), 'send-metainfo')).toEqual([]);
});

/** Offers of so many pieces, in messages of allowed length. */
function offersOf(count: number): SwarmMessageBody[] {
  const pieces = Array.from({ length: count }, (_, piece) => piece);
  const messages: SwarmMessageBody[] = [];
  while (pieces.length > 0) messages.push({ kind: 'offer', pieces: pieces.splice(0, LIMITS.listEntries) });
  return messages;
}
