import { LIMITS, type HandedPeer } from '@shoal/protocol';
import { isLoopback } from './contact.ts';
import type { Random } from './roster.ts';
import { isSeeder, type Member, type Peer } from './swarm-registry.ts';

/**
 * Chooses whom a member is told of: at most `LIMITS.handOutPeers`, at random, nobody that it was told of already.
 * A leecher gets seeders first, but half of the places go to leechers when there are enough, so that a swarm lives from
 * its leechers too; a seeder gets leechers only.
 */
export function chooseHandOut(member: Member, random: Random): Member[] {
  const { reachableSeeders, reachableLeechers } = member.swarm;
  const isEligible = (other: Member): boolean =>
    other !== member && !member.knows.includes(other) && canDial(member.peer, other.peer);
  const max = LIMITS.handOutPeers;
  if (isSeeder(member)) return reachableLeechers.sample(max, random, isEligible);
  const leechers = reachableLeechers.sample(max, random, isEligible);
  const half = Math.floor(max / 2);
  const seeders = reachableSeeders.sample(max - Math.min(half, leechers.length), random, isEligible);
  return [...seeders, ...leechers.slice(0, max - seeders.length)];
}

/** Whether one agent can open a link to another: a loopback address is of use on its own machine only. */
export function canDial(from: Peer, to: Peer): boolean {
  if (to.host === undefined) return false;
  return !isLoopback(to.host) || from.contact.hosts.some(isLoopback);
}

/** Whether two members have nothing to give each other. */
export function areBothSeeders(one: Member, other: Member): boolean {
  return isSeeder(one) && isSeeder(other);
}

/** Whether a seeder has to open the link to a leecher, because the leecher cannot. */
export function mustDial(seeder: Member, leecher: Member): boolean {
  if (!isSeeder(seeder) || isSeeder(leecher)) return false;
  return canDial(seeder.peer, leecher.peer) && !canDial(leecher.peer, seeder.peer);
}

/** Whether a member waits for news of another: a leecher for any seeder, and for leechers until it knows enough. */
export function waitsFor(member: Member, newcomer: Member): boolean {
  if (isSeeder(member)) return false;
  const hasRoom = isSeeder(newcomer) || member.knows.length < LIMITS.handOutPeers;
  return hasRoom && !member.knows.includes(newcomer);
}

/** A peer as it is handed out; it must be reachable. */
export function handed(peer: Peer): HandedPeer {
  if (peer.host === undefined) throw new Error(`invariant: ${peer.peerId} is handed out without an address`);
  return { peerId: peer.peerId, host: peer.host, port: peer.contact.port };
}
