import { LIMITS, type HandedPeer } from '@shoal/protocol';
import { forgetAll, forgottenByAll, learnOf, learnOfAll } from './acquaintances.ts';
import { areBothSeeders, chooseHandOut, isHiddenFrom, mustDial, waitsFor } from './hand-out.ts';
import type { Random } from './roster.ts';
import { isSeeder, type Member } from './swarm-registry.ts';
import { canDial, handedTo } from './ways.ts';

/** A leecher that knows fewer peers than this when one leaves is told of others. */
const FEW_PEERS = 10;

/**
 * Tells those who wait for it that a member is there. Its peer must be settled. Leechers dial whom they are told of;
 * where that cannot be, or is not sure, because the other may be out of their reach, a seeder is told to dial out.
 */
export function introduce(newcomer: Member): void {
  newcomer.isIntroduced = true;
  const others = [...newcomer.swarm.members].filter((other) => other !== newcomer && !areBothSeeders(newcomer, other));
  for (const other of others) {
    if (waitsFor(other, newcomer) && canDial(other.peer, newcomer.peer) !== 'no') tellOf(other, [newcomer]);
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

/** Takes a member that has left back from those who know it, and tells them of others where it leaves them with few. */
export function bidFarewell(gone: Member, random: Random): void {
  const { infoHash } = gone.swarm;
  forgetAll(gone);
  for (const other of forgottenByAll(gone)) {
    if (other.mailbox === undefined) continue;
    const instead = !isSeeder(other) && other.knows.length < FEW_PEERS ? chooseHandOut(other, random) : [];
    const added = addressesFor(other, instead);
    other.mailbox.send({ kind: 'peers', infoHash, added, removed: [gone.peer.peerId] });
    learnOfAll(other, instead);
  }
}

function tellOf(member: Member, others: readonly Member[]): void {
  if (member.mailbox === undefined || others.length === 0) return;
  const { infoHash } = member.swarm;
  member.mailbox.send({ kind: 'peers', infoHash, added: addressesFor(member, others), removed: [] });
  learnOfAll(member, others);
}

function tellToDial(member: Member, target: Member): void {
  if (member.mailbox === undefined || member.knows.includes(target)) return;
  const { infoHash } = member.swarm;
  for (const peer of handedTo(member.peer, target.peer)) member.mailbox.send({ kind: 'dial', infoHash, peer });
  learnOf(member, target);
}

function addressesFor(member: Member, others: readonly Member[]): HandedPeer[][] {
  return others.map((other) => handedTo(member.peer, other.peer));
}
