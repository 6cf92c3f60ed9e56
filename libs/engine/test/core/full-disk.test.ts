import { ShoalError } from '@shoal/protocol';
import { expect, it } from 'vitest';
import { aPeerId, saidTo, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];
const error = new ShoalError('disk-full', 'writing piece 3: no space left');

/** Anne sent piece 3, and there was no room for it. */
function withFullDisk(): SwarmUnderTest {
  const swarm = new SwarmUnderTest();
  swarm.join(anne, 'all');
  swarm.join(bert, 'all');
  swarm.hear(anne, { kind: 'offer', pieces: [3] });
  swarm.deliver(anne, 3);
  swarm.handle({ kind: 'piece-hashed', peerId: anne, piece: 3, isGood: true, parts: [] });
  return swarm;
}

/** Bert offers piece 4. */
const offer = (swarm: SwarmUnderTest) => saidTo(swarm.hear(bert, { kind: 'offer', pieces: [4] }));

it('makes the piece free again, and shows why nothing goes on', () => {
  const swarm = withFullDisk();
  const effects = swarm.handle({ kind: 'piece-not-stored', piece: 3, error });
  expect(saidTo(effects, bert)).toContainEqual({ kind: 'expect', add: [], drop: [3] });
  expect(swarm.swarm.snapshot(0).problem).toMatchObject({ code: 'disk-full' });
  expect(swarm.budget.usedBytes).toBe(0);
});

it('lets nothing be accepted for ten seconds; then all hear that we are interested again', () => {
  const swarm = withFullDisk();
  swarm.handle({ kind: 'piece-not-stored', piece: 3, error });
  expect(offer(swarm)).toEqual([{ kind: 'decline', pieces: [4], reason: 'unwanted' }]);
  expect(saidTo(swarm.wait(9_750))).toEqual([]);
  const effects = swarm.wait(250);
  for (const peer of [anne, bert]) expect(saidTo(effects, peer)).toEqual([{ kind: 'interested' }]);
  expect(swarm.swarm.snapshot(0).problem).toBeUndefined();
  expect(saidTo(swarm.wait(1_000))).toEqual([]);
  expect(offer(swarm)).toMatchObject([{ kind: 'request' }, { kind: 'expect' }]);
});
