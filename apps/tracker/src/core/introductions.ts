import { LIMITS, type HandedPeer } from '@shoal/protocol';
import { countKnown, knows, learnOf } from './acquaintances.ts';
import { areBothSeeders, chooseHandOut, dialsFirst, isHiddenFrom, mustDial, waitsFor } from './hand-out.ts';
import type { Random } from './roster.ts';
import { isSeeder, type Member } from './swarm-registry.ts';
import { canDial, handedTo } from './ways.ts';

/** A leecher that knows fewer peers than this when one leaves is told of others. */
const FEW_PEERS = 10;

/**
 * Tells those who wait for it that a member is there. Its peer must be settled. Leechers dial whom they are told of;
 * where that cannot be, or is not sure, because the other may be out of their reach, a seeder is told to dial out. Whoever
 * the newcomer dials for sure hears of it by that link: if both were told, both would dial, and one link too many be made.
 */
export function introduce(newcomer: Member): void {
  newcomer.isIntroduced = true;
  const others = newcomer.swarm.members.items.filter((other) => other !== newcomer && !areBothSeeders(newcomer, other));
  for (const other of others) {
    if (!waitsFor(other, newcomer) || canDial(other.peer, newcomer.peer) === 'no') continue;
    if (dialsFirst(newcomer, other)) learnOf(other, newcomer);
    else tellOf(other, [newcomer]);
  }
  tellOf(newcomer, firstFew(others.filter((other) => isHiddenFrom(newcomer, other))));
  for (const other of firstFew(others.filter((each) => mustDial(each, newcomer)))) tellToDial(other, newcomer);
  for (const other of firstFew(others.filter((each) => mustDial(newcomer, each)))) tellToDial(newcomer, other);
}

function firstFew(members: readonly Member[]): readonly Member[] {
  return members.slice(0, LIMITS.handOutPeers);
}

/** Hands peers out to a leecher's session. A seeder needs none: leechers dial it, or it is told to dial. */
export function handOutTo(member: Member, random: Random): void {
  if (!isSeeder(member) && member.mailbox !== undefined) tellOf(member, chooseHandOut(member, random));
}

/** Tells those who knew a member that it has left, and of others where it leaves them with few. */
export function bidFarewell(gone: Member, knowers: readonly Member[], random: Random): void {
  const { infoHash } = gone.swarm;
  for (const other of knowers) {
    if (other.mailbox === undefined) continue;
    const instead = !isSeeder(other) && countKnown(other) < FEW_PEERS ? chooseHandOut(other, random) : [];
    const added = addressesFor(other, instead);
    other.mailbox.send({ kind: 'peers', infoHash, added, removed: [gone.peer.peerId] });
    for (const each of instead) learnOf(other, each);
  }
}

function tellOf(member: Member, others: readonly Member[]): void {
  if (member.mailbox === undefined || others.length === 0) return;
  const { infoHash } = member.swarm;
  member.mailbox.send({ kind: 'peers', infoHash, added: addressesFor(member, others), removed: [] });
  for (const other of others) learnOf(member, other);
}

function tellToDial(member: Member, target: Member): void {
  if (member.mailbox === undefined || knows(member, target)) return;
  const { infoHash } = member.swarm;
  for (const peer of handedTo(member.peer, target.peer)) member.mailbox.send({ kind: 'dial', infoHash, peer });
  learnOf(member, target);
}

function addressesFor(member: Member, others: readonly Member[]): HandedPeer[][] {
  return others.map((other) => handedTo(member.peer, other.peer));
}
