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
import { isSameContact, type Contact } from './contact.ts';
import { chooseHandOut, handed } from './hand-out.ts';
import { bidFarewell, handOutTo, introduce } from './introductions.ts';
import type { Random } from './roster.ts';
import { addressOf, type Mailbox, type Member, type Peer, type SwarmRegistry } from './swarm-registry.ts';

/** A contact is dialled again after this, when it announces itself, or stays in its session and could not be reached. */
const RECHECK_MS = 60_000;

/** Finds out where an agent can be dialled. */
export interface Reachability {
  /** The first host that accepts a connection, or undefined; never rejects, and ends within seconds. */
  probe(contact: Contact): Promise<string | undefined>;
}

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
  /** Leaves all swarms at once. */
  close(): void;
}

/** Announces of all agents. */
export class AnnounceDesk {
  readonly #parts: AnnounceDeskParts;
  /** Ends of leases, the earliest first: every lease is equally long. */
  readonly #leases = new Map<Member, number>();
  /** Agents with a session that could not be reached. */
  readonly #hidden = new Set<Peer>();

  constructor(parts: AnnounceDeskParts) {
    this.#parts = parts;
  }

  /** Begins a session; an older one of the same agent is told that it was replaced. */
  openSession(peerId: PeerId, contact: Contact, mailbox: Mailbox): AgentSession {
    const peer = this.#parts.registry.peer(peerId);
    const older = peer.mailbox;
    peer.mailbox = mailbox;
    for (const member of peer.members.values()) this.#lease(member);
    older?.replaced();
    peer.checkedAt = -Infinity;
    this.#meet(peer, contact);
    const ifOpen = (action: () => void): void => {
      if (peer.mailbox === mailbox) action();
    };
    return {
      announce: (states) => {
        ifOpen(() => {
          this.#recheck(peer);
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
      close: () => {
        ifOpen(() => {
          peer.mailbox = undefined;
          this.#hidden.delete(peer);
          for (const infoHash of [...peer.members.keys()]) this.#leave(peer, infoHash);
          this.#parts.registry.forgetIfIdle(peer);
        });
      },
    };
  }

  /**
   * One announce by HTTP, and its hand-out. While the agent has a session, that alone decides where the agent is.
   * @throws ShoalError `overloaded`
   */
  announce(request: Announce, contact: Contact): readonly SwarmPeers[] {
    const peer = this.#parts.registry.peer(request.peerId);
    const isGuest = peer.mailbox === undefined;
    try {
      if (isGuest && request.event === 'stopped') {
        for (const { infoHash } of request.swarms) this.#leave(peer, infoHash);
      } else if (isGuest) {
        this.#meet(peer, contact);
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
      peer.contact = { hosts: [host], port };
      peer.isSettled = true;
      registry.setHost(peer, port === 0 ? undefined : host);
      this.#lease(registry.enter(peer, infoHash, left));
    }
  }

  /** Lets go of entries whose lease has ended, and tries hidden agents again; call it every few seconds. */
  keepHouse(): void {
    this.#expire();
    for (const peer of this.#hidden) this.#recheck(peer);
  }

  #expire(): void {
    const now = this.#parts.now();
    for (const [member, end] of this.#leases) {
      if (end > now) return;
      this.#leave(member.peer, member.swarm.infoHash);
      this.#parts.registry.forgetIfIdle(member.peer);
    }
  }

  /** Takes note of where an agent says it is, and finds out whether it can be reached there. */
  #meet(peer: Peer, contact: Contact): void {
    const isWhereItWas =
      peer.contact.port === contact.port && peer.host !== undefined && contact.hosts.includes(peer.host);
    if (!isSameContact(peer.contact, contact)) {
      peer.contact = contact;
      peer.checkedAt = -Infinity;
      peer.isSettled = isWhereItWas;
      if (!isWhereItWas) this.#parts.registry.setHost(peer, undefined);
    }
    this.#recheck(peer);
  }

  #recheck(peer: Peer): void {
    const { contact } = peer;
    const now = this.#parts.now();
    if (now - peer.checkedAt < RECHECK_MS) return;
    peer.checkedAt = now;
    if (contact.port === 0) {
      this.#settle(peer, undefined);
      return;
    }
    void this.#parts.reachability.probe(contact).then((host) => {
      if (peer.contact === contact) this.#settle(peer, host);
    });
  }

  #settle(peer: Peer, host: string | undefined): void {
    const { registry } = this.#parts;
    peer.isSettled = true;
    if (host === undefined && peer.mailbox !== undefined) this.#hidden.add(peer);
    else this.#hidden.delete(peer);
    registry.setHost(peer, host);
    peer.mailbox?.send({
      kind: 'reachability',
      ...(host === undefined ? {} : { at: { host, port: peer.contact.port } }),
    });
    for (const member of peer.members.values()) {
      if (member.isIntroduced) continue;
      introduce(member);
      this.#note(member);
    }
  }

  #enterBySession(peer: Peer, mailbox: Mailbox, { infoHash, left }: SwarmState): void {
    const member = this.#parts.registry.enter(peer, infoHash, left);
    this.#leases.delete(member);
    if (member.mailbox !== mailbox) {
      forgetAll(member);
      member.mailbox = mailbox;
      member.isIntroduced = false;
    }
    this.#note(member);
    handOutTo(member, this.#parts.random);
    if (peer.isSettled && !member.isIntroduced) introduce(member);
  }

  #enterByLease(peer: Peer, { infoHash, left }: SwarmState): void {
    const member = this.#parts.registry.enter(peer, infoHash, left);
    this.#lease(member);
    this.#note(member);
    if (peer.isSettled && !member.isIntroduced) introduce(member);
  }

  /** From now on the entry stays only as long as somebody confirms it. */
  #lease(member: Member): void {
    member.mailbox = undefined;
    this.#leases.delete(member);
    this.#leases.set(member, this.#parts.now() + this.#parts.leaseMs);
  }

  #setLeft(peer: Peer, { infoHash, left }: SwarmState): void {
    const member = peer.members.get(infoHash);
    if (member === undefined || member.mailbox !== peer.mailbox) return;
    this.#parts.registry.setLeft(member, left);
    this.#note(member);
  }

  #note({ peer, swarm, left }: Member): void {
    this.#parts.notes.put({ infoHash: swarm.infoHash, peerId: peer.peerId, ...addressOf(peer), left });
  }

  #leave(peer: Peer, infoHash: InfoHash): void {
    const member = peer.members.get(infoHash);
    if (member === undefined) return;
    this.#leases.delete(member);
    this.#parts.registry.leave(member);
    this.#parts.notes.remove(infoHash, peer.peerId);
    bidFarewell(member, this.#parts.random);
  }

  #describe(peer: Peer, infoHash: InfoHash, isLeaving: boolean): SwarmPeers {
    const member = isLeaving ? undefined : peer.members.get(infoHash);
    const peers = member === undefined ? [] : chooseHandOut(member, this.#parts.random);
    return { infoHash, ...this.#parts.registry.counts(infoHash), peers: peers.map((other) => handed(other.peer)) };
  }
}
