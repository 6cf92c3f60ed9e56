import { LIMITS, type PeerAddress } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { ConnectionSlots } from '../../src/core/connection-slots.ts';
import { aPeerId, INFO_HASH } from './swarm-under-test.ts';

const at = (n: number): PeerAddress => ({ host: `10.0.0.${String(n)}`, port: 7_000 });

let slots: ConnectionSlots;

/** Dials everything that may be dialled now. */
const next = (): PeerAddress[] => slots.next(0, () => true);

describe('when more wait than may be dialled at once', () => {
  const crowd = LIMITS.dialsAtOnce + 1;
  beforeEach(() => {
    // No address rests.
    slots = new ConnectionSlots(() => 0);
    for (let n = 0; n < crowd; n++) slots.learn(INFO_HASH, at(n));
  });

  it('who was never dialled comes before who failed', () => {
    for (const address of next()) slots.failed(address, 0);
    expect(next()[0]).toEqual(at(crowd - 1));
  });

  it('a dial has half a second, and twice as long after each failure, but no longer than any dial', () => {
    for (const patienceMs of [500, 1_000, 2_000, 4_000, 8_000, LIMITS.dialMs]) {
      const dialled = next();
      expect(dialled).toContainEqual(at(0));
      expect(slots.patienceMs(at(0))).toBe(patienceMs);
      for (const address of dialled) slots.failed(address, 0);
    }
  });

  it('a dial has its whole time as soon as nobody waits', () => {
    next();
    slots.linked(at(0), aPeerId(1));
    next();
    expect(slots.patienceMs(at(crowd - 1))).toBe(LIMITS.dialMs);
  });
});
