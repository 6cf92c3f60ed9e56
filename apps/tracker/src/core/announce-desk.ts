/**
 * Where agents announce themselves, by a session or one call at a time, and are told of each other.
 *
 * An agent enters a swarm at once and gets its hand-out at once. It is introduced to the others when it is known whether
 * they can reach it: the check begins when its session opens, so the answer is usually there before the first announce.
 * A session's entries live as long as the session; all other entries (announced by HTTP, restored after a restart, or
 * left behind by a session that a newer one replaced) have a lease, and go when nobody renews it.
 */
import type { announceRequestSchema, InfoHash, PeerId, SwarmPeers, SwarmState } from '@shoal/protocol';
import type { z } from 'zod';
import type { Registration } from '../store/tracker-store.ts';
import { forgetAll } from './acquaintances.ts';
import { contactOf, renewedContact, type Contact } from './contact.ts';
import { chooseHandOut } from './hand-out.ts';
import type { Followers } from './followers.ts';
import { bidFarewell, handOutTo, introduce } from './introductions.ts';
import { Leases } from './leases.ts';
import type { Random } from './roster.ts';
import { addressOf, isSeeder, type Mailbox, type Member, type Peer, type SwarmRegistry } from './swarm-registry.ts';
import { handedTo } from './ways.ts';
import { Whereabouts, type Reachability } from './whereabouts.ts';

/** Notes who is where, so that a restarted tracker knows it. */
interface RegistrationNotes {
  put(registration: Registration): void;
  remove(infoHash: InfoHash, peerId: PeerId): void;
}

/** What the desk works with. */
export interface AnnounceDeskParts {
  readonly registry: SwarmRegistry;
  readonly reachability: Reachability;
  readonly notes: RegistrationNotes;
  readonly random: Random;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** How long an entry without a session stays. */
  readonly leaseMs: number;
  readonly followers: Followers;
}

/** An announce by HTTP, as it was read. */
export type Announce = z.output<typeof announceRequestSchema>;

/** What one agent may do while its session lives. */
export interface AgentSession {
  /** Enters swarms, or confirms them; the hand-out comes by the mailbox. */
  announce(states: readonly SwarmState[]): void;
  /** Tells how far the agent is in swarms that it has entered; others are ignored. */
  progress(states: readonly SwarmState[]): void;
  leave(infoHashes: readonly InfoHash[]): void;
  /** Wants to be told when the catalogue has something new. */
  follow(): void;
  /** Leaves all swarms at once. */
  close(): void;
}

/** Announces of all agents. */
export class AnnounceDesk {
  readonly #parts: AnnounceDeskParts;
  readonly #leases: Leases<Member>;
  readonly #whereabouts: Whereabouts;

  constructor(parts: AnnounceDeskParts) {
    this.#parts = parts;
    this.#leases = new Leases(parts.leaseMs);
    this.#whereabouts = new Whereabouts({
      ...parts,
      onSettled: (peer) => {
        this.#introduceWhereNew(peer);
      },
    });
  }

  /** Begins a session; an older one of the same agent is told that it was replaced. */
  openSession(peerId: PeerId, contact: Contact, mailbox: Mailbox): AgentSession {
    const peer = this.#parts.registry.peer(peerId);
    const older = peer.mailbox;
    peer.mailbox = mailbox;
    for (const member of peer.members.values()) this.#lease(member);
    if (older !== undefined) this.#parts.followers.remove(older);
    older?.replaced();
    this.#whereabouts.meetAnew(peer, contact);
    const ifOpen = (action: () => void): void => {
      if (peer.mailbox === mailbox) action();
    };
    return {
      announce: (states) => {
        ifOpen(() => {
          this.#whereabouts.recheck(peer);
          for (const state of states) this.#enterBySession(peer, mailbox, state);
        });
      },
      progress: (states) => {
        ifOpen(() => {
          for (const state of states) this.#setLeft(peer, state);
        });
      },
      leave: (infoHashes) => {
        ifOpen(() => {
          for (const infoHash of infoHashes) this.#leave(peer, infoHash);
        });
      },
      follow: () => {
        ifOpen(() => {
          this.#parts.followers.add(mailbox);
        });
      },
      close: () => {
        this.#parts.followers.remove(mailbox);
        ifOpen(() => {
          peer.mailbox = undefined;
          this.#whereabouts.lose(peer);
          for (const infoHash of [...peer.members.keys()]) this.#leave(peer, infoHash);
          this.#parts.registry.forgetIfIdle(peer);
        });
      },
    };
  }

  /**
   * One announce by HTTP, and its hand-out. While the agent has a session, that alone decides where the agent is.
   * @param source the address that it came from
   * @throws ShoalError `overloaded`
   */
  announce(request: Announce, source: string): readonly SwarmPeers[] {
    const peer = this.#parts.registry.peer(request.peerId);
    const isGuest = peer.mailbox === undefined;
    try {
      if (isGuest && request.event === 'stopped') {
        for (const { infoHash } of request.swarms) this.#leave(peer, infoHash);
      } else if (isGuest) {
        this.#whereabouts.meet(peer, renewedContact(peer.contact, source, request));
        for (const state of request.swarms) this.#enterByLease(peer, state);
      }
      const isLeaving = request.event === 'stopped';
      return request.swarms.map(({ infoHash }) => this.#describe(peer, infoHash, isLeaving));
    } finally {
      this.#parts.registry.forgetIfIdle(peer);
    }
  }

  /** Takes up what was written down before a restart, until the agents confirm it or its lease ends. */
  restore(registrations: readonly Registration[]): void {
    const { registry } = this.#parts;
    for (const { infoHash, peerId, host, port, left } of registrations) {
      const peer = registry.peer(peerId);
      registry.setContact(peer, contactOf(host, { port }));
      peer.isSettled = true;
      registry.setReached(peer, port === 0 ? undefined : { host, port });
      this.#lease(registry.enter(peer, infoHash, left));
    }
  }

  /** Lets go of entries whose lease has ended, and tries hidden agents again; call it every few seconds. */
  keepHouse(): void {
    this.#expire();
    this.#whereabouts.recheckHidden();
  }

  #expire(): void {
    const now = this.#parts.now();
    for (let member = this.#leases.ended(now); member !== undefined; member = this.#leases.ended(now)) {
      this.#leave(member.peer, member.swarm.infoHash);
      this.#parts.registry.forgetIfIdle(member.peer);
    }
  }

  #introduceWhereNew(peer: Peer): void {
    for (const member of peer.members.values()) {
      if (member.isIntroduced) continue;
      introduce(member);
      this.#note(member);
    }
  }

  #enterBySession(peer: Peer, mailbox: Mailbox, { infoHash, left }: SwarmState): void {
    const member = this.#enter(peer, { infoHash, left });
    this.#leases.end(member);
    if (member.mailbox !== mailbox) {
      forgetAll(member);
      member.mailbox = mailbox;
      member.isIntroduced = false;
    }
    handOutTo(member, this.#parts.random);
    if (peer.isSettled && !member.isIntroduced) introduce(member);
  }

  /** What is confirmed unchanged costs next to nothing: nobody is told, nothing is noted. */
  #enter(peer: Peer, { infoHash, left }: SwarmState): Member {
    const present = peer.members.get(infoHash);
    if (present !== undefined) {
      this.#advance(present, left);
      return present;
    }
    const member = this.#parts.registry.enter(peer, infoHash, left);
    this.#tellOfFirstSeeder(member, member.swarm.seeders - Number(isSeeder(member)));
    this.#note(member);
    return member;
  }

  #advance(member: Member, left: number): void {
    if (member.left === left) return;
    const { seeders } = member.swarm;
    this.#parts.registry.setLeft(member, left);
    this.#tellOfFirstSeeder(member, seeders);
    this.#note(member);
  }

  /** Whoever waits for shares that can be had did not want this one until now. */
  #tellOfFirstSeeder({ swarm }: Member, seedersBefore: number): void {
    if (seedersBefore === 0 && swarm.seeders > 0) this.#parts.followers.tell();
  }

  #enterByLease(peer: Peer, { infoHash, left }: SwarmState): void {
    const member = this.#enter(peer, { infoHash, left });
    this.#lease(member);
    if (peer.isSettled && !member.isIntroduced) introduce(member);
  }

  /** From now on the entry stays only as long as somebody confirms it. */
  #lease(member: Member): void {
    member.mailbox = undefined;
    this.#leases.renew(member, this.#parts.now());
  }

  #setLeft(peer: Peer, { infoHash, left }: SwarmState): void {
    const member = peer.members.get(infoHash);
    if (member !== undefined && member.mailbox === peer.mailbox) this.#advance(member, left);
  }

  #note({ peer, swarm, left }: Member): void {
    const { host, port } = addressOf(peer);
    this.#parts.notes.put({ infoHash: swarm.infoHash, peerId: peer.peerId, host, port, left });
  }

  #leave(peer: Peer, infoHash: InfoHash): void {
    const member = peer.members.get(infoHash);
    if (member === undefined) return;
    this.#leases.end(member);
    const knowers = this.#parts.registry.leave(member);
    this.#parts.notes.remove(infoHash, peer.peerId);
    bidFarewell(member, knowers, this.#parts.random);
  }

  #describe(peer: Peer, infoHash: InfoHash, isLeaving: boolean): SwarmPeers {
    const member = isLeaving ? undefined : peer.members.get(infoHash);
    const peers = member === undefined ? [] : chooseHandOut(member, this.#parts.random);
    return {
      infoHash,
      ...this.#parts.registry.counts(infoHash),
      peers: peers.flatMap((other) => handedTo(peer, other.peer)),
    };
  }
}
