import {
  LIMITS,
  ShoalError,
  type FromTracker,
  type HandedPeer,
  type InfoHash,
  type PeerAddress,
  type PeerId,
} from '@shoal/protocol';
import { forgottenByAll, freeMark, type Acquaintances } from './acquaintances.ts';
import { addressText, contactOf, type Contact } from './contact.ts';
import type { Leased } from './leases.ts';
import { Roster, type Placed, type Section } from './roster.ts';
import { emptyList } from './short-list.ts';
import { reachedAt, type Located, type Reached } from './ways.ts';

/** What is new in one swarm: each peer that came, with the addresses that are worth an attempt, and those that are gone. */
export interface SwarmNews {
  readonly kind: 'peers';
  readonly infoHash: InfoHash;
  readonly added: readonly (readonly HandedPeer[])[];
  readonly removed: readonly PeerId[];
}

/** What an agent is told: whoever delivers it joins the news of its swarms. */
export type Tidings = SwarmNews | Exclude<FromTracker, { readonly kind: 'peers' }>;

/** Takes what is to be told to one agent's session. */
export interface Mailbox {
  send(tidings: Tidings): void;
  /** The agent opened a newer session, which takes this one's place. */
  replaced(): void;
}

/** One agent as the tracker knows it. */
export interface Peer extends Located {
  readonly members: Map<InfoHash, Member>;
  contact: Contact;
  reached: Reached | undefined;
  isSettled: boolean;
  /** When its contact was last dialled, on the registry's clock, and how often in vain since it was reached. */
  checkedAt: number;
  failedChecks: number;
  /** The live session, if it has one. */
  mailbox: Mailbox | undefined;
}

/** One agent in one swarm: what the tracker has most of. */
export interface Member extends Acquaintances<Member>, Leased<Member>, Placed {
  readonly peer: Peer;
  readonly swarm: Swarm;
  /** Bytes that it still lacks. */
  left: number;
  /** The session that entered it here; undefined when it must be confirmed before its lease ends. */
  mailbox: Mailbox | undefined;
  /** Whether the others in the swarm have been told of it, where it is now. */
  isIntroduced: boolean;
}

/** All peers of one info hash. */
export interface Swarm {
  readonly infoHash: InfoHash;
  readonly members: Roster<Member>;
  seeders: number;
  /** Bytes that all its members lack together; none lacks more than the largest share has, whatever it says. */
  left: number;
  /** The marks of its members, by which they are known to each other. */
  takenMarks: number;
}

const LARGEST_SHARE_BYTES = LIMITS.pieces * LIMITS.maxPieceBytes;

/** Of a peer that has not said where it is. */
const NOWHERE = contactOf('unknown', { port: 0 });

/** Who is in which swarm, in memory. Keeps its indexes consistent and decides nothing. */
export class SwarmRegistry {
  readonly #capacity: number;
  readonly #peers = new Map<PeerId, Peer>();
  readonly #swarms = new Map<InfoHash, Swarm>();
  #memberCount = 0;

  /** @param capacity how many memberships, over all swarms, are kept before `enter` refuses */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  get peerCount(): number {
    return this.#peers.size;
  }

  get swarmCount(): number {
    return this.#swarms.size;
  }

  swarm(infoHash: InfoHash): Swarm | undefined {
    return this.#swarms.get(infoHash);
  }

  counts(infoHash: InfoHash): { readonly seeders: number; readonly leechers: number } {
    const swarm = this.#swarms.get(infoHash);
    const seeders = swarm?.seeders ?? 0;
    return { seeders, leechers: (swarm?.members.items.length ?? 0) - seeders };
  }

  /** Bytes that all in a swarm lack together, or as many as a number says exactly. */
  leftIn(infoHash: InfoHash): number {
    return Math.min(this.#swarms.get(infoHash)?.left ?? 0, Number.MAX_SAFE_INTEGER);
  }

  /** The peer of this id, if there is one. */
  known(peerId: PeerId): Peer | undefined {
    return this.#peers.get(peerId);
  }

  /** The peer of this id, made when it is unknown. */
  peer(peerId: PeerId): Peer {
    const known = this.#peers.get(peerId);
    if (known !== undefined) return known;
    const peer: Peer = {
      peerId,
      members: new Map(),
      contact: NOWHERE,
      reached: undefined,
      isSettled: false,
      checkedAt: -Infinity,
      failedChecks: 0,
      mailbox: undefined,
    };
    this.#peers.set(peerId, peer);
    return peer;
  }

  /**
   * The peer's membership in a swarm, made when it is not in it.
   * @throws ShoalError `overloaded`
   */
  enter(peer: Peer, infoHash: InfoHash, left: number): Member {
    const present = peer.members.get(infoHash);
    if (present !== undefined) {
      this.setLeft(present, left);
      return present;
    }
    if (this.#memberCount >= this.#capacity) {
      throw new ShoalError('overloaded', `entering ${infoHash}: the tracker keeps ${String(this.#capacity)} entries`);
    }
    const swarm = this.#swarms.get(infoHash) ?? this.#openSwarm(infoHash);
    const member: Member = {
      peer,
      swarm,
      left,
      mailbox: undefined,
      mark: freeMark(swarm.takenMarks),
      knownMarks: 0,
      knownOthers: emptyList(),
      isIntroduced: false,
      place: -1,
      leaseEnd: 0,
      earlier: undefined,
      later: undefined,
    };
    // By the swarm's own text: each message brings another copy of it.
    peer.members.set(swarm.infoHash, member);
    swarm.members.add(member, sectionOf(member));
    swarm.takenMarks |= member.mark;
    this.#memberCount++;
    swarm.left += credible(left);
    if (isSeeder(member)) swarm.seeders++;
    return member;
  }

  setLeft(member: Member, left: number): void {
    const { swarm } = member;
    swarm.seeders += Number(left === 0) - Number(isSeeder(member));
    swarm.left += credible(left) - credible(member.left);
    member.left = left;
    swarm.members.move(member, sectionOf(member));
  }

  /** Notes that a peer is elsewhere now: nobody knows it there. */
  setContact(peer: Peer, contact: Contact): void {
    peer.contact = contact;
    peer.isSettled = false;
    this.#move(peer, undefined);
  }

  /** Notes where a peer was reached; with another address it has to be introduced again. */
  setReached(peer: Peer, address: PeerAddress | undefined): void {
    const before = peer.reached?.address;
    const isSame = before === undefined || address === undefined ? before === address : isSameAddress(before, address);
    if (!isSame) this.#move(peer, address === undefined ? undefined : reachedAt(address));
  }

  #move(peer: Peer, reached: Reached | undefined): void {
    peer.reached = reached;
    for (const member of peer.members.values()) {
      member.isIntroduced = false;
      const { members } = member.swarm;
      forgottenByAll(member, members.items);
      members.move(member, sectionOf(member));
    }
  }

  /** @returns those who had been told of it */
  leave(member: Member): readonly Member[] {
    const { peer, swarm } = member;
    if (!peer.members.delete(swarm.infoHash)) return [];
    swarm.members.delete(member);
    swarm.takenMarks &= ~member.mark;
    this.#memberCount--;
    swarm.left -= credible(member.left);
    if (isSeeder(member)) swarm.seeders--;
    if (swarm.members.items.length === 0) this.#swarms.delete(swarm.infoHash);
    // Its mark is the next one's: nobody may go on knowing it by that.
    return forgottenByAll(member, swarm.members.items);
  }

  /** Forgets a peer that is in no swarm and has no session. */
  forgetIfIdle(peer: Peer): void {
    if (peer.members.size === 0 && peer.mailbox === undefined) this.#peers.delete(peer.peerId);
  }

  #openSwarm(infoHash: InfoHash): Swarm {
    const swarm: Swarm = { infoHash, members: new Roster(), seeders: 0, left: 0, takenMarks: 0 };
    this.#swarms.set(infoHash, swarm);
    return swarm;
  }
}

/** Where a peer can be dialled; otherwise port 0, and a host where it was seen. */
export function addressOf({ reached, contact }: Peer): PeerAddress {
  return reached?.address ?? { host: contact.source, port: 0 };
}

function isSameAddress(one: PeerAddress, other: PeerAddress): boolean {
  return addressText(one) === addressText(other);
}

/** Whether it lacks nothing. */
export function isSeeder(member: Member): boolean {
  return member.left === 0;
}

function credible(left: number): number {
  return Math.min(left, LARGEST_SHARE_BYTES);
}

function sectionOf(member: Member): Section {
  if (member.peer.reached === undefined) return 'hidden';
  return isSeeder(member) ? 'seeders' : 'leechers';
}
