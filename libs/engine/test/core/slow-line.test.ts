import { pieceDeadlineMs } from '@shoal/protocol';
import { expect, it } from 'vitest';
import { aPeerId, PIECE_BYTES, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const DEADLINE_MS = pieceDeadlineMs(PIECE_BYTES);
const peers = Array.from({ length: 11 }, (_, n) => aPeerId(n + 1));
const [anne, ...others] = peers;

/** Each of eleven peers has promised a piece, and only Anne's is here, after ten seconds. */
function promisedByAll(): SwarmUnderTest {
  const leecher = new SwarmUnderTest({ pieceCount: 64 });
  for (const peerId of peers) leecher.join(peerId, 'all');
  peers.forEach((peerId, piece) => leecher.hear(peerId, { kind: 'offer', pieces: [piece] }));
  leecher.wait(10_000);
  leecher.deliver(anne!, 0);
  return leecher;
}

const cancelled = (effects: ReturnType<SwarmUnderTest['wait']>): number =>
  saidTo(effects).filter(({ kind }) => kind === 'cancel').length;

it('nobody is late as long as our line takes for all that was promised at once', () => {
  const leecher = promisedByAll();
  expect(cancelled(leecher.wait(DEADLINE_MS))).toBe(0);
  for (const [at, peerId] of others.entries()) {
    leecher.wait(2_000);
    expect(leecher.deliver(peerId, at + 1)).toContainEqual(expect.objectContaining({ kind: 'hash-piece' }));
  }
});

it('however slow our line is, a promise is late at last', () => {
  const leecher = promisedByAll();
  expect(cancelled(leecher.wait(5 * DEADLINE_MS))).toBe(others.length);
});

it('where nothing came at all it is not the line, and each is late in its time', () => {
  const leecher = new SwarmUnderTest();
  leecher.join(anne!, 'all');
  leecher.hear(anne!, { kind: 'offer', pieces: [0] });
  expect(cancelled(leecher.wait(DEADLINE_MS))).toBe(0);
  expect(cancelled(leecher.wait(250))).toBe(1);
});
