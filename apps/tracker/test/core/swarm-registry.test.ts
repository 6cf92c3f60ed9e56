import { LIMITS } from '@shoal/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isSeeder, SwarmRegistry, type Swarm } from '../../src/core/swarm-registry.ts';
import { infoHash, peerId, seededRandom } from './desk-world.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('enter'), peer: fc.nat(4), swarm: fc.nat(3), left: fc.nat(2) }),
  fc.record({ kind: fc.constant('leave'), peer: fc.nat(4), swarm: fc.nat(3), left: fc.constant(0) }),
  fc.record({ kind: fc.constant('reached'), peer: fc.nat(4), swarm: fc.nat(2), left: fc.constant(0) }),
);

function apply(
  registry: SwarmRegistry,
  { kind, peer: n, swarm, left }: { kind: string; peer: number; swarm: number; left: number },
) {
  const peer = registry.peer(peerId(n));
  const member = peer.members.get(infoHash(swarm));
  if (kind === 'enter') registry.enter(peer, infoHash(swarm), left);
  else if (kind === 'reached') registry.setReached(peer, swarm === 0 ? undefined : { host: '10.0.0.1', port: swarm });
  else if (member !== undefined) registry.leave(member);
  registry.forgetIfIdle(peer);
}

/** Everything that the indexes of a swarm should say, counted afresh. */
function expectConsistent(swarm: Swarm): void {
  const members = swarm.members.items;
  const reachable = members.filter((member) => member.peer.reached !== undefined);
  const all = { random: seededRandom(), isEligible: () => true };
  expect(members.length).toBeGreaterThan(0);
  expect(swarm.seeders).toBe(members.filter(isSeeder).length);
  expect(swarm.left).toBe(members.reduce((sum, { left }) => sum + left, 0));
  // No two members have the same mark, so the marks add up.
  expect(swarm.takenMarks).toBe(members.reduce((sum, { mark }) => sum + mark, 0));
  const sampled = (section: 'seeders' | 'leechers') => new Set(swarm.members.sample(section, 99, all));
  expect(sampled('seeders')).toEqual(new Set(reachable.filter(isSeeder)));
  expect(sampled('leechers')).toEqual(new Set(reachable.filter((member) => !isSeeder(member))));
}

describe('the swarm registry', () => {
  it('keeps its indexes true to its members, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const registry = new SwarmRegistry(1_000);
        for (const one of steps) apply(registry, one);
        let swarms = 0;
        for (let n = 0; n <= 3; n++) {
          const swarm = registry.swarm(infoHash(n));
          if (swarm === undefined) continue;
          swarms++;
          expectConsistent(swarm);
        }
        expect(registry.swarmCount).toBe(swarms);
      }),
    );
  });

  it('keeps as many entries as it may, and refuses one more', () => {
    const registry = new SwarmRegistry(2);
    const peer = registry.peer(peerId(1));
    registry.enter(peer, infoHash(1), 0);
    const second = registry.enter(peer, infoHash(2), 0);
    expect(() => registry.enter(peer, infoHash(3), 0)).toThrow(expect.objectContaining({ code: 'overloaded' }));
    registry.leave(second);
    expect(registry.enter(peer, infoHash(3), 0).swarm.infoHash).toBe(infoHash(3));
  });

  it('counts of no member more than the largest share has, and no more than a number says', () => {
    const registry = new SwarmRegistry(10_000);
    const largest = LIMITS.pieces * LIMITS.maxPieceBytes;
    const enter = (n: number, left: number) => registry.enter(registry.peer(peerId(n)), infoHash(1), left);
    enter(0, 5);
    const liar = enter(1, Number.MAX_SAFE_INTEGER);
    expect(registry.leftIn(infoHash(1))).toBe(largest + 5);
    registry.setLeft(liar, 7);
    expect(registry.leftIn(infoHash(1))).toBe(12);
    const liars = Array.from({ length: 4_100 }, (_, n) => enter(2 + n, Number.MAX_SAFE_INTEGER));
    expect(registry.leftIn(infoHash(1))).toBe(Number.MAX_SAFE_INTEGER);
    for (const member of liars) registry.leave(member);
    expect(registry.leftIn(infoHash(1))).toBe(12);
    expect(registry.leftIn(infoHash(2))).toBe(0);
  });

  it('lets a member leave only once', () => {
    const registry = new SwarmRegistry(2);
    const member = registry.enter(registry.peer(peerId(1)), infoHash(1), 0);
    registry.leave(member);
    registry.leave(member);
    expect(registry.counts(infoHash(1))).toEqual({ seeders: 0, leechers: 0 });
    registry.enter(registry.peer(peerId(1)), infoHash(1), 0);
    registry.enter(registry.peer(peerId(1)), infoHash(2), 0);
    expect(registry.swarmCount).toBe(2);
  });
});
