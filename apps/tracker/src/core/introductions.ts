import { LIMITS } from '@shoal/protocol';
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

/** Tells those who knew a member that it is gone, and of others where it leaves them with few. */
export function bidFarewell(gone: Member, random: Random): void {
  const { peerId } = gone.peer;
  for (const other of gone.swarm.members.values()) {
    if (!other.knows.delete(peerId) || other.mailbox === undefined) continue;
    const instead = !isSeeder(other) && other.knows.size < FEW_PEERS ? chooseHandOut(other, random) : [];
    const { infoHash } = gone.swarm;
    other.mailbox.send({ kind: 'peers', infoHash, added: instead.map((m) => handed(m.peer)), removed: [peerId] });
    remember(other, instead);
  }
}

function tellOf(member: Member, others: readonly Member[]): void {
  if (member.mailbox === undefined || others.length === 0) return;
  const { infoHash } = member.swarm;
  member.mailbox.send({ kind: 'peers', infoHash, added: others.map((m) => handed(m.peer)), removed: [] });
  remember(member, others);
}

function tellToDial(member: Member, target: Member): void {
  if (member.mailbox === undefined || member.knows.has(target.peer.peerId)) return;
  member.mailbox.send({ kind: 'dial', infoHash: member.swarm.infoHash, peer: handed(target.peer) });
  remember(member, [target]);
}

function remember(member: Member, others: readonly Member[]): void {
  for (const other of others) member.knows.add(other.peer.peerId);
}
