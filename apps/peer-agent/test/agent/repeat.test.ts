import { beforeEach, expect, test } from 'vitest';
import { repeat } from '../../src/agent/repeat.ts';
import { FakeClock, settled } from '@shoal/engine/testing';

let clock: FakeClock;
let times: number;
let errors: unknown[];
let signals: AbortSignal[];
let finish: (() => void)[];

beforeEach(() => {
  [clock, times, errors, signals, finish] = [new FakeClock(), 0, [], [], []];
});

function begin(work: (signal: AbortSignal) => Promise<void> = () => Promise.resolve()) {
  return repeat({
    clock,
    delayMs: () => 100,
    onError: (error) => errors.push(error),
    work: (signal) => {
      times++;
      signals.push(signal);
      return work(signal);
    },
  });
}

function untilFinished(): Promise<void> {
  return new Promise((resolve) => finish.push(resolve));
}

test('does it at once, and again when the delay is over', async () => {
  begin();
  expect(times).toBe(1);
  await settled();
  await clock.pass(99);
  expect(times).toBe(1);
  await clock.pass(1);
  expect(times).toBe(2);
});

test('counts the delay from the end, so that it is never done twice at once', async () => {
  begin(untilFinished);
  await clock.pass(1_000);
  expect(times).toBe(1);
  finish[0]?.();
  await settled();
  await clock.pass(100);
  expect(times).toBe(2);
});

test('is woken: does it at once, or once more when it is being done', async () => {
  const repeated = begin(untilFinished);
  repeated.wake();
  repeated.wake();
  expect(times).toBe(1);
  finish[0]?.();
  await settled();
  await clock.pass(1);
  expect(times).toBe(2);
  finish[1]?.();
  await settled();
  repeated.wake();
  expect([times, clock.openTimers]).toEqual([3, 0]);
  const stopped = repeated.stop();
  finish[2]?.();
  await stopped;
  repeated.wake();
  expect(times).toBe(3);
});

test('goes on after a failure, and tells of it', async () => {
  begin(() => Promise.reject(new Error('no luck')));
  await settled();
  await clock.pass(100);
  expect(errors).toMatchObject([{ message: 'no luck' }, { message: 'no luck' }]);
});

test('stops when asked to: aborts, waits for the end, and leaves no timer', async () => {
  const repeated = begin(untilFinished);
  let hasStopped = false;
  const stopped = repeated.stop().then(() => (hasStopped = true));
  await settled();
  expect([signals[0]?.aborted, hasStopped]).toEqual([true, false]);
  finish[0]?.();
  await stopped;
  expect(clock.openTimers).toBe(0);
  await clock.pass(1_000);
  expect(times).toBe(1);
});

test('says nothing of what fails because it was stopped', async () => {
  const repeated = begin(
    (signal) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => {
          reject(new Error('aborted'));
        });
      }),
  );
  await repeated.stop();
  expect(errors).toEqual([]);
});
