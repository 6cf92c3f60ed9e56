import { ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';
import { beforeEach, expect, test } from 'vitest';
import { Registrar } from '../../src/agent/registrar.ts';
import { aMetainfo } from '../samples.ts';

const tracker = 'http://localhost:8000';
const one = aMetainfo('one.txt', 'one');
const two = aMetainfo('two.txt', 'two');

/** Timers that run when the test says so. */
class FakeClock {
  readonly #timers = new Set<{ delayMs: number; action: () => void }>();

  now = () => 0;
  setTimer = (delayMs: number, action: () => void) => {
    const timer = { delayMs, action };
    this.#timers.add(timer);
    return () => this.#timers.delete(timer);
  };

  get delays(): number[] {
    return [...this.#timers].map(({ delayMs }) => delayMs);
  }

  /** Runs what is due and waits until new timers are set, or none. */
  async fire(): Promise<void> {
    const due = [...this.#timers];
    this.#timers.clear();
    for (const { action } of due) action();
    await new Promise((resolve) => setImmediate(resolve));
  }
}

let clock: FakeClock;
let registered: string[];
let failure: ShoalError | undefined;
/** What trackers have, when they are asked. */
let known: Set<string>;
let registrar: Registrar;

beforeEach(() => {
  clock = new FakeClock();
  registered = [];
  failure = undefined;
  const register = (url: string, { info }: Metainfo): Promise<void> => {
    if (failure !== undefined) return Promise.reject(failure);
    registered.push(`${info.name} at ${url}`);
    return Promise.resolve();
  };
  known = new Set();
  const has = (url: string, infoHash: InfoHash): Promise<boolean> =>
    failure === undefined ? Promise.resolve(known.has(`${infoHash} at ${url}`)) : Promise.reject(failure);
  registrar = new Registrar({ clock, random: { next: () => 1 }, register, has });
});

test('registers once when the tracker answers', async () => {
  await registrar.register(tracker, one);
  expect(registered).toEqual([`one.txt at ${tracker}`]);
  expect(registrar.problemOf(one.infoHash)).toBeUndefined();
  expect(clock.delays).toEqual([]);
});

test('says what is wrong and goes on trying until the tracker is there', async () => {
  failure = new ShoalError('tracker-unreachable', 'nobody there');
  await registrar.register(tracker, one);
  expect(registrar.problemOf(one.infoHash)).toMatchObject({ code: 'tracker-unreachable' });
  await clock.fire();
  failure = undefined;
  await clock.fire();
  expect(registered).toEqual([`one.txt at ${tracker}`]);
  expect(registrar.problemOf(one.infoHash)).toBeUndefined();
  expect(clock.delays).toEqual([]);
});

test('waits longer after each failure, up to half a minute', async () => {
  failure = new ShoalError('tracker-unreachable', 'nobody there');
  await registrar.register(tracker, one);
  const delays: number[] = [];
  for (let round = 0; round < 8; round++) {
    delays.push(...clock.delays);
    await clock.fire();
  }
  expect(delays).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 30_000, 30_000, 30_000]);
});

test('asks an unreachable tracker for one share only, not for all that wait', async () => {
  failure = new ShoalError('tracker-unreachable', 'nobody there');
  let calls = 0;
  registrar = new Registrar({
    clock,
    random: { next: () => 1 },
    register: () => {
      calls++;
      return Promise.reject(failure!);
    },
    has: () => Promise.resolve(true),
  });
  registrar.registerLater(tracker, one);
  registrar.registerLater(tracker, two);
  await clock.fire();
  expect(calls).toBe(1);
});

test('does not let a share that is refused hold up the others', async () => {
  const register = (_url: string, { infoHash }: Metainfo): Promise<void> => {
    if (infoHash === one.infoHash) return Promise.reject(new ShoalError('tracker-refused', 'no'));
    registered.push('two');
    return Promise.resolve();
  };
  known = new Set();
  const has = (url: string, infoHash: InfoHash): Promise<boolean> =>
    failure === undefined ? Promise.resolve(known.has(`${infoHash} at ${url}`)) : Promise.reject(failure);
  registrar = new Registrar({ clock, random: { next: () => 1 }, register, has });
  registrar.registerLater(tracker, one);
  registrar.registerLater(tracker, two);
  await clock.fire();
  expect(registered).toEqual(['two']);
  expect(registrar.problemOf(one.infoHash)).toMatchObject({ code: 'tracker-refused' });
});

test('does not register what was removed meanwhile', async () => {
  registrar.registerLater(tracker, one);
  registrar.forget(one.infoHash);
  await clock.fire();
  expect(registered).toEqual([]);
});

test('leaves no timer behind', async () => {
  failure = new ShoalError('tracker-unreachable', 'nobody there');
  await registrar.register(tracker, one);
  registrar.stop();
  expect(clock.delays).toEqual([]);
});

test('tells a tracker that lost what it acknowledged of all of it again, but for what was forgotten', async () => {
  const three = aMetainfo('three.txt', 'three');
  for (const metainfo of [one, two, three]) await registrar.register(tracker, metainfo);
  known.add(`${three.infoHash} at ${tracker}`);
  registrar.forget(one.infoHash);
  registered = [];
  await registrar.trackerIsBack(tracker);
  await clock.fire();
  expect(registered).toEqual([`two.txt at ${tracker}`, `three.txt at ${tracker}`]);
  expect(clock.delays).toEqual([]);
});

test('tells a tracker that kept what it acknowledged nothing', async () => {
  for (const metainfo of [one, two]) {
    await registrar.register(tracker, metainfo);
    known.add(`${metainfo.infoHash} at ${tracker}`);
  }
  await registrar.trackerIsBack(tracker);
  await registrar.trackerIsBack('http://other:8000');
  expect(clock.delays).toEqual([]);
});

test('tells a tracker that does not say what it has of one share, until it takes it', async () => {
  for (const metainfo of [one, two]) await registrar.register(tracker, metainfo);
  failure = new ShoalError('tracker-refused', 'come back later');
  registered = [];
  await registrar.trackerIsBack(tracker);
  failure = undefined;
  await clock.fire();
  expect(registered).toEqual([`one.txt at ${tracker}`]);
});
