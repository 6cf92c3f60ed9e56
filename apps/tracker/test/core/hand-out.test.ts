import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { learnOf } from '../../src/core/acquaintances.ts';
import { contactOf } from '../../src/core/contact.ts';
import { chooseHandOut } from '../../src/core/hand-out.ts';
import { isSeeder, SwarmRegistry, type Member } from '../../src/core/swarm-registry.ts';
import { infoHash, peerId, seededRandom } from './desk-world.ts';

/** A swarm of reachable peers; the first `seeders` of them lack nothing. */
function swarmOf(seeders: number, leechers: number): Member[] {
  const registry = new SwarmRegistry(10_000);
  return Array.from({ length: seeders + leechers }, (_, n) => {
    const peer = registry.peer(peerId(n));
    const address = { host: `10.0.0.${String(n)}`, port: 4_000 };
    registry.setContact(peer, contactOf(address.host, address));
    registry.setReached(peer, address);
    return registry.enter(peer, infoHash(1), n < seeders ? 0 : 5);
  });
}

describe('a hand-out', () => {
  it('never holds the one who asks', () => {
    const members = swarmOf(2, 3);
    for (const member of members) expect(chooseHandOut(member, seededRandom())).not.toContain(member);
  });

  it('has at most fifty peers', () => {
    const leecher = swarmOf(100, 100).at(-1)!;
    expect(chooseHandOut(leecher, seededRandom())).toHaveLength(LIMITS.handOutPeers);
  });

  it('for a leecher is half seeders, half leechers, where there are enough, seeders first', () => {
    const leecher = swarmOf(100, 100).at(-1)!;
    const kinds = chooseHandOut(leecher, seededRandom()).map(isSeeder);
    expect(kinds).toEqual([...new Array<boolean>(25).fill(true), ...new Array<boolean>(25).fill(false)]);
  });

  it.each([
    { seeders: 10, leechers: 100, handedSeeders: 10, handedLeechers: 40 },
    { seeders: 100, leechers: 11, handedSeeders: 40, handedLeechers: 10 },
    { seeders: 1, leechers: 2, handedSeeders: 1, handedLeechers: 1 },
  ])(
    'of $seeders seeders and $leechers leechers fills the places of the scarce with the others',
    ({ seeders, leechers, handedSeeders, handedLeechers }) => {
      const chosen = chooseHandOut(swarmOf(seeders, leechers).at(-1)!, seededRandom());
      expect(chosen.filter(isSeeder)).toHaveLength(handedSeeders);
      expect(chosen.filter((member) => !isSeeder(member))).toHaveLength(handedLeechers);
    },
  );

  it('for a seeder is leechers only', () => {
    const seeder = swarmOf(5, 5)[0]!;
    const chosen = chooseHandOut(seeder, seededRandom());
    expect(chosen).toHaveLength(5);
    expect(chosen.some(isSeeder)).toBe(false);
  });

  it('holds nobody who is known already', () => {
    const members = swarmOf(1, 3);
    const leecher = members[1]!;
    learnOf(leecher, members[0]!);
    expect(chooseHandOut(leecher, seededRandom())).not.toContain(members[0]);
  });

  it('differs from peer to peer', () => {
    const random = seededRandom();
    const members = swarmOf(0, 200);
    const first = chooseHandOut(members[0]!, random);
    const second = chooseHandOut(members[1]!, random);
    expect(new Set([...first, ...second]).size).toBeGreaterThan(LIMITS.handOutPeers + 10);
  });
});
