import { describe, expect, it } from 'vitest';
import { encodePeerMessage, type SwarmMessageBody } from '@shoal/protocol';
import { sizeOfMessage } from '../../src/testing/swarm-message-size.ts';

const MESSAGES: readonly SwarmMessageBody[] = [
  { kind: 'have', pieces: [0] },
  { kind: 'have', pieces: [9, 10, 99, 100, 131_071] },
  { kind: 'offer', pieces: [7, 1_000] },
  { kind: 'offer', pieces: [] },
  { kind: 'expect', add: [12], drop: [] },
  { kind: 'expect', add: [], drop: [1, 2] },
  { kind: 'decline', pieces: [3], reason: 'promised' },
  { kind: 'request', blocks: [[3, 0, 262_144]] },
  { kind: 'bitfield', bits: 'AAAA' },
  { kind: 'interested' },
];

describe('the size of a message', () => {
  it.each(MESSAGES)('is what it takes when it is encoded: %j', (message) => {
    expect(sizeOfMessage(message)).toBe(encodePeerMessage({ channel: 0, ...message }).length);
  });
});
