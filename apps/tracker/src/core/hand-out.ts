import { LIMITS } from '@shoal/protocol';
import { countKnown, knows } from './acquaintances.ts';
import type { Random } from './roster.ts';
import { isSeeder, type Member } from './swarm-registry.ts';
import { canDial } from './ways.ts';

/**
 * Chooses whom a member is told of: at most `LIMITS.handOutPeers`, at random, nobody that it was told of already.
 * A leecher gets seeders first, but half of the places go to leechers when there are enough, so that a swarm lives from
 * its leechers too; a seeder gets leechers only.
 */
export function chooseHandOut(member: Member, random: Random): Member[] {
  const { members } = member.swarm;
  const knowsAll = countKnown(member) === members.items.length - 1;
  if (knowsAll) return [];
  const isEligible = (other: Member): boolean =>
    other !== member && !knows(member, other) && canDial(member.peer, other.peer) !== 'no';
  const max = LIMITS.handOutPeers;
  const leechers = members.sample('leechers', max, { random, isEligible });
  if (isSeeder(member)) return leechers;
  const half = Math.floor(max / 2);
  const seeders = members.sample('seeders', max - Math.min(half, leechers.length), { random, isEligible });
  return [...seeders, ...leechers.slice(0, max - seeders.length)];
}

/** Whether two members have nothing to give each other. */
export function areBothSeeders(one: Member, other: Member): boolean {
  return isSeeder(one) && isSeeder(other);
}

/**
 * Whether a seeder has to open the link to a leecher, because the leecher cannot, or perhaps cannot. Where both may
 * get through, both try, and one of the two links stays.
 */
export function mustDial(seeder: Member, leecher: Member): boolean {
  if (!isSeeder(seeder) || isSeeder(leecher)) return false;
  return canDial(seeder.peer, leecher.peer) !== 'no' && canDial(leecher.peer, seeder.peer) !== 'sure';
}

/** Whether a leecher that comes was handed another member, and gets through to it for sure. */
export function dialsFirst(newcomer: Member, other: Member): boolean {
  return !isSeeder(newcomer) && knows(newcomer, other) && canDial(newcomer.peer, other.peer) === 'sure';
}

/** Whether a leecher that comes has to be told of a member that no hand-out holds: the tracker did not reach that one. */
export function isHiddenFrom(leecher: Member, other: Member): boolean {
  return other.peer.reached === undefined && waitsFor(leecher, other) && canDial(leecher.peer, other.peer) !== 'no';
}

/** Whether a member waits for news of another: a leecher for any seeder, and for leechers until it knows enough. */
export function waitsFor(member: Member, newcomer: Member): boolean {
  if (isSeeder(member)) return false;
  const hasRoom = isSeeder(newcomer) || countKnown(member) < LIMITS.handOutPeers;
  return hasRoom && !knows(member, newcomer);
}
