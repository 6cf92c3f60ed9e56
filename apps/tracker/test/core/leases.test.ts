import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Leases, type Leased } from '../../src/core/leases.ts';

interface Entry extends Leased<Entry> {
  readonly id: number;
}

const LENGTH_MS = 100;

function entriesOf(count: number): Entry[] {
  return Array.from({ length: count }, (_, id) => ({ id, leaseEnd: 0, earlier: undefined, later: undefined }));
}

/** Takes out all that have ended, in the order in which they end. */
function takeEnded(leases: Leases<Entry>, now: number): number[] {
  const ids: number[] = [];
  for (let entry = leases.ended(now); entry !== undefined; entry = leases.ended(now)) {
    ids.push(entry.id);
    leases.end(entry);
  }
  return ids;
}

describe('leases', () => {
  it('end after their length, and not before', () => {
    const leases = new Leases<Entry>(LENGTH_MS);
    const [entry] = entriesOf(1);
    leases.renew(entry!, 5);
    expect(leases.ended(5 + LENGTH_MS - 1)).toBeUndefined();
    expect(leases.ended(5 + LENGTH_MS)).toBe(entry);
  });

  it('end in the order in which they were renewed, whatever was renewed and ended between', () => {
    const step = fc.tuple(fc.constantFrom('renew', 'end'), fc.nat(5));
    fc.assert(
      fc.property(fc.array(step), (steps) => {
        const leases = new Leases<Entry>(LENGTH_MS);
        const entries = entriesOf(6);
        let expected: number[] = [];
        for (const [now, [kind, id]] of steps.entries()) {
          expected = expected.filter((other) => other !== id);
          if (kind === 'renew') {
            leases.renew(entries[id]!, now);
            expected.push(id);
          } else leases.end(entries[id]!);
        }
        expect(takeEnded(leases, steps.length + LENGTH_MS)).toEqual(expected);
      }),
    );
  });
});
