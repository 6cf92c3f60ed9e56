/**
 * Where each agent can be reached: takes note of what agents say of themselves, has the tracker try it, tries again
 * those that could not be reached, and tells each agent what was found.
 */
import type { PeerAddress, PeerId } from '@shoal/protocol';
import { addressText, isSameContact, type Contact } from './contact.ts';
import type { Mailbox, Peer, SwarmRegistry } from './swarm-registry.ts';

/** An agent is tried again after this, when it announces itself … */
const RECHECK_MS = 60_000;
/** … and sooner at first when it could not be reached: it may have been busy, or a port was opened for it just now. */
const FIRST_RECHECK_MS = 5_000;

/** What became of an attempt to reach an agent; `undecided` when something answered, but could not say who it is. */
export type ProbeResult = { readonly at: PeerAddress } | 'unreachable' | 'undecided';

/** Finds out where an agent can be dialled. */
export interface Reachability {
  /** The first of the addresses where this very agent answers; never rejects, and ends within seconds. */
  probe(peerId: PeerId, addresses: readonly PeerAddress[]): Promise<ProbeResult>;
}

/** What whereabouts are found with. */
export interface WhereaboutsParts {
  readonly registry: SwarmRegistry;
  readonly reachability: Reachability;
  /** Milliseconds on a clock that never goes back. */
  readonly now: () => number;
  /** Called whenever it is known, or known anew, where an agent can be reached. */
  readonly onSettled: (peer: Peer) => void;
}

/** Whereabouts of all agents. */
export class Whereabouts {
  readonly #parts: WhereaboutsParts;
  /** Agents with a session that could not be reached. */
  readonly #hidden = new Set<Peer>();
  /** What each session was told last of its agent. */
  readonly #told = new WeakMap<Mailbox, string>();

  constructor(parts: WhereaboutsParts) {
    this.#parts = parts;
  }

  /** Takes note of where an agent says it is, and finds out whether it can be reached there. */
  meet(peer: Peer, contact: Contact): void {
    if (!isSameContact(peer.contact, contact)) {
      const before = peer.reached && addressText(peer.reached.address);
      const isWhereItWas = contact.addresses.some((address) => addressText(address) === before);
      if (isWhereItWas) peer.contact = contact;
      else this.#parts.registry.setContact(peer, contact);
      forgetChecks(peer);
    }
    this.recheck(peer);
  }

  /** The same for an agent that opens a session: it is tried at once, whatever was found before. */
  meetAnew(peer: Peer, contact: Contact): void {
    forgetChecks(peer);
    this.meet(peer, contact);
  }

  /** Tries an agent again if it is time to. */
  recheck(peer: Peer): void {
    const { contact } = peer;
    const now = this.#parts.now();
    if (now - peer.checkedAt < recheckMs(peer)) return;
    peer.checkedAt = now;
    if (contact.addresses.length === 0) {
      this.#settle(peer, undefined);
      return;
    }
    void this.#parts.reachability.probe(peer.peerId, contact.addresses).then((result) => {
      if (peer.contact !== contact) return;
      if (result === 'undecided') this.#settle(peer, peer.reached?.address);
      else this.#settle(peer, result === 'unreachable' ? undefined : result.at);
    });
  }

  /** Tries those again that could not be reached, each when it is time to. */
  recheckHidden(): void {
    for (const peer of this.#hidden) this.recheck(peer);
  }

  /** The agent has no session any more. */
  lose(peer: Peer): void {
    this.#hidden.delete(peer);
  }

  #settle(peer: Peer, address: PeerAddress | undefined): void {
    peer.isSettled = true;
    peer.failedChecks = address === undefined ? peer.failedChecks + 1 : 0;
    if (address === undefined && peer.mailbox !== undefined) this.#hidden.add(peer);
    else this.#hidden.delete(peer);
    this.#parts.registry.setReached(peer, address);
    this.#tell(peer);
    this.#parts.onSettled(peer);
  }

  /** Tells an agent's session where others reach it, once for each finding. */
  #tell({ mailbox, reached }: Peer): void {
    const finding = reached === undefined ? 'nowhere' : addressText(reached.address);
    if (mailbox === undefined || this.#told.get(mailbox) === finding) return;
    this.#told.set(mailbox, finding);
    mailbox.send({ kind: 'reachability', ...(reached === undefined ? {} : { at: reached.address }) });
  }
}

function forgetChecks(peer: Peer): void {
  peer.checkedAt = -Infinity;
  peer.failedChecks = 0;
}

function recheckMs({ failedChecks }: Peer): number {
  return failedChecks === 0 ? RECHECK_MS : Math.min(RECHECK_MS, FIRST_RECHECK_MS * 2 ** (failedChecks - 1));
}
