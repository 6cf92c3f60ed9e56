import { FakeClock } from '@shoal/engine/testing';
import { expect, it } from 'vitest';
import type { SwarmEvent } from '../../src/core/events.ts';
import { WaitingSwarms } from '../../src/shell/waiting-swarms.ts';

/** A swarm that notes what it is told, and takes of the room as the test says. */
class FakeRunner {
  readonly heard: string[] = [];
  readonly swarm = { isWaitingForRoom: false, isAtRest: false };
  isStopped = false;
  onEvent: () => void = () => undefined;

  dispatch({ kind }: SwarmEvent): void {
    this.heard.push(kind);
    this.onEvent();
  }
}

function world() {
  const room = {
    window: { usedBytes: 0 },
    budget: { usedBytes: 0, requestedBytes: 0, limitMs: 0, waitMs: () => room.budget.limitMs },
  };
  const clock = new FakeClock();
  return { room, clock, waiting: new WaitingSwarms(clock, room) };
}

it('tells swarms that time has passed until they are at rest, and again once something happens to them', () => {
  const { waiting } = world();
  const [busy, resting] = [new FakeRunner(), new FakeRunner()];
  resting.swarm.isAtRest = true;
  waiting.handled(busy);
  waiting.handled(resting);
  waiting.tick();
  waiting.tick();
  expect([busy.heard, resting.heard]).toEqual([['tick', 'tick'], []]);
  resting.swarm.isAtRest = false;
  waiting.tick();
  expect(resting.heard).toEqual([]);
  waiting.handled(resting);
  waiting.tick();
  expect(resting.heard).toEqual(['tick']);
});

it('tells no swarm that was left, or that has stopped', () => {
  const { waiting } = world();
  const [left, stopped] = [new FakeRunner(), new FakeRunner()];
  waiting.handled(left);
  waiting.forget(left);
  stopped.isStopped = true;
  waiting.handled(stopped);
  waiting.tick();
  expect([left.heard, stopped.heard]).toEqual([[], []]);
});

it('lets those that wait for room take it in turns, until none takes any more', () => {
  const { waiting, room } = world();
  const [maker, taker] = [new FakeRunner(), new FakeRunner()];
  taker.swarm.isWaitingForRoom = true;
  taker.onEvent = () => (room.window.usedBytes = Math.min(3, room.window.usedBytes + 1));
  waiting.handled(taker);
  expect(taker.heard).toEqual([]);
  waiting.handled(maker);
  expect(taker.heard).toEqual(['room-made', 'room-made', 'room-made', 'room-made']);
});

it('tells those that wait for a limit as soon as it allows more', async () => {
  const { waiting, room, clock } = world();
  const runner = new FakeRunner();
  runner.swarm.isWaitingForRoom = true;
  room.budget.limitMs = 40;
  waiting.handled(runner);
  await clock.pass(39);
  expect(runner.heard).toEqual([]);
  await clock.pass(1);
  expect(runner.heard).toEqual(['room-made']);
});
