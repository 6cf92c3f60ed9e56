import { describe, expect, it } from 'vitest';
import { describeClock, SimWorld } from '@shoal/engine/testing';

/** Lets virtual time pass until a promise settles. */
async function settle<T>(world: SimWorld, pending: Promise<T>): Promise<T> {
  let isSettled = false;
  void pending.finally(() => (isSettled = true)).catch(() => undefined);
  await world.run(() => isSettled, world.nowMs + 60_000);
  return pending;
}

describeClock('the clock of the simulated world', () => {
  const world = new SimWorld(1);
  return { clock: world.clock, run: (pending) => settle(world, pending) };
});

describe('virtual time', () => {
  it('passes at once', async () => {
    const world = new SimWorld(1);
    const startMs = performance.now();
    await world.run(() => false, 1e9);
    expect(world.nowMs).toBe(1e9);
    expect(performance.now() - startMs).toBeLessThan(1_000);
  });

  it('stands still when the condition holds', async () => {
    const world = new SimWorld(1);
    world.after(100, () => undefined);
    world.after(200, () => undefined);
    expect(await world.run(() => world.nowMs >= 100, 1_000)).toBe(true);
    expect(world.nowMs).toBe(100);
  });

  it('waits for promises that an action settled', async () => {
    const world = new SimWorld(1);
    const times: number[] = [];
    const wait = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        world.clock.setTimer(ms, resolve);
      });
    void (async () => {
      for (const ms of [10, 20, 30]) {
        await wait(ms);
        times.push(world.nowMs);
      }
    })();
    for (let ms = 1; ms < 100; ms++) world.after(ms, () => undefined);
    await world.run(() => false, 1_000);
    expect(times).toEqual([10, 30, 60]);
  });
});

describe('chance', () => {
  const draw = (seed: number): number[] => {
    const { random } = new SimWorld(seed);
    return Array.from({ length: 1_000 }, () => random.next());
  };

  it('is uniform in [0, 1)', () => {
    const drawn = draw(1);
    expect(Math.min(...drawn)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...drawn)).toBeLessThan(1);
    expect(drawn.reduce((sum, each) => sum + each, 0) / drawn.length).toBeCloseTo(0.5, 1);
  });

  it('is the same for the same seed, and another for another', () => {
    expect(draw(7)).toEqual(draw(7));
    expect(draw(7)).not.toEqual(draw(8));
  });
});
