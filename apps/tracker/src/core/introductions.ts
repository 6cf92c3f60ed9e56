import { LIMITS } from '@shoal/protocol';
import { forgetAll, forgottenByAll, learnOf } from './acquaintances.ts';
import { areBothSeeders, canDial, chooseHandOut, handed, mustDial, waitsFor } from './hand-out.ts';
import type { Random } from './roster.ts';
import { isSeeder, type Member } from './swarm-registry.ts';

/** A leecher that knows fewer peers than this when one leaves is told of others. */
const FEW_PEERS = 10;

/**
 * Tells those who wait for it that a member is there. Its peer must be settled. Leechers dial whom they are told of;
 * where that cannot be, because the other cannot be dialled, a seeder is told to dial out.
 */
export function introduce(newcomer: Member): void {
  newcomer.isIntroduced = true;
  const dialable: Member[] = [];
  for (const other of newcomer.swarm.members.values()) {
    if (other === newcomer || areBothSeeders(newcomer, other)) continue;
    if (waitsFor(other, newcomer) && canDial(other.peer, newcomer.peer)) tellOf(other, [newcomer]);
    if (mustDial(other, newcomer)) tellToDial(other, newcomer);
    if (mustDial(newcomer, other)) dialable.push(other);
  }
  for (const other of dialable.slice(0, LIMITS.handOutPeers)) tellToDial(newcomer, other);
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
    const added = instead.map((member) => handed(member.peer));
    other.mailbox.send({ kind: 'peers', infoHash, added, removed: [gone.peer.peerId] });
    for (const member of instead) learnOf(other, member);
  }
}

function tellOf(member: Member, others: readonly Member[]): void {
  if (member.mailbox === undefined || others.length === 0) return;
  const { infoHash } = member.swarm;
  member.mailbox.send({ kind: 'peers', infoHash, added: others.map((other) => handed(other.peer)), removed: [] });
  for (const other of others) learnOf(member, other);
}

function tellToDial(member: Member, target: Member): void {
  if (member.mailbox === undefined || member.knows.includes(target)) return;
  member.mailbox.send({ kind: 'dial', infoHash: member.swarm.infoHash, peer: handed(target.peer) });
  learnOf(member, target);
}
