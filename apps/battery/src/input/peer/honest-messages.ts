import { LIMITS, type PeerMessage } from '@shoal/protocol';
import type { Bounds } from '../socket/bad-messages.ts';

const HASH = 'ab'.repeat(32);

/** One message of every kind, so that a new kind cannot be forgotten. */
export const HONEST_PEER_MESSAGES: { readonly [K in PeerMessage['kind']]: Extract<PeerMessage, { kind: K }> } = {
  hello: { kind: 'hello', version: 1, peerId: HASH as never, port: 1, agent: 'hostile' },
  join: { kind: 'join', channel: 7, infoHash: HASH as never },
  leave: { kind: 'leave', channel: 1 },
  search: { kind: 'search', id: 1, query: 'x' },
  found: { kind: 'found', id: 1, shares: [] },
  bye: { kind: 'bye', code: 'idle', message: 'nothing' },
  bitfield: { kind: 'bitfield', channel: 1, bits: 'AA==' },
  have: { kind: 'have', channel: 1, pieces: [0] },
  interested: { kind: 'interested', channel: 1, first: [0] },
  notInterested: { kind: 'notInterested', channel: 1 },
  offer: { kind: 'offer', channel: 1, pieces: [0] },
  decline: { kind: 'decline', channel: 1, pieces: [0], reason: 'unwanted' },
  request: { kind: 'request', channel: 1, blocks: [[0, 0, 1]] },
  cancel: { kind: 'cancel', channel: 1, blocks: [[0, 0, 1]] },
  reject: { kind: 'reject', channel: 1, blocks: [[0, 0, 1]] },
  expect: { kind: 'expect', channel: 1, add: [0], drop: [0] },
  peers: { kind: 'peers', channel: 1, peers: [] },
  'metainfo?': { kind: 'metainfo?', channel: 1 },
  metainfo: { kind: 'metainfo', channel: 1, document: '{}' },
};

/** What is allowed of a message of a kind. */
export function boundsOf(kind: string): Bounds {
  const optional = kind === 'interested' ? ['first'] : [];
  const opaque = ['bits', 'document'];
  return kind === 'metainfo'
    ? { optional, opaque, maxBytes: LIMITS.largeMessageBytes, tooLarge: 'bye too-large', farewell: 'bye' }
    : { optional, opaque, maxBytes: LIMITS.controlMessageBytes, tooLarge: 'bye too-large', farewell: 'bye' };
}
