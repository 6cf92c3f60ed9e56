import { peerIdOf, sha256Hex, type HandedPeer, type InfoHash, type PeerAddress, type PeerId } from '@shoal/protocol';
import { AnnounceDesk, type AgentSession } from '../../src/core/announce-desk.ts';
import { contactOf, type Claim, type Contact } from '../../src/core/contact.ts';
import { Catalogue } from '../../src/core/catalogue.ts';
import { Fleet } from '../../src/core/fleet/fleet.ts';
import { Followers } from '../../src/core/followers.ts';
import { SwarmRegistry, type SwarmNews, type Tidings } from '../../src/core/swarm-registry.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import type { Registration } from '../../src/store/tracker-store.ts';

export const LEASE_MS = 120_000;

/** The n-th peer id. */
export function peerId(n: number): PeerId {
  return peerIdOf(new TextEncoder().encode(String(n)));
}

/** The n-th info hash. */
export function infoHash(n: number): InfoHash {
  return sha256Hex(new TextEncoder().encode(`share ${String(n)}`)) as string as InfoHash;
}

/** The same sequence for the same seed. */
export function seededRandom(seed = 1): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

/** What an agent was told: all addresses of those that came, as one list. */
type Heard = Exclude<Tidings, SwarmNews> | (Omit<SwarmNews, 'added'> & { readonly added: readonly HandedPeer[] });

/** An agent with an open session, and all that it was told. */
export interface TestAgent {
  readonly peerId: PeerId;
  readonly session: AgentSession;
  /** All but what it was told of its own reachability. */
  readonly inbox: Heard[];
  /** Where it was told that others reach it; undefined for nowhere. */
  readonly reachability: (PeerAddress | undefined)[];
  /** Peers that it was told of and not told to forget, in order. */
  known(): PeerId[];
  dials(): PeerId[];
  isReplaced(): boolean;
}

/** Where a test's agent is. */
export interface TestClaim extends Partial<Claim> {
  readonly source?: string;
  readonly isReachable?: boolean;
  /** Where it reached the tracker. */
  readonly trackerHost?: string;
}

/** A desk with fakes around it. */
export class DeskWorld {
  readonly registry: SwarmRegistry;
  readonly desk: AnnounceDesk;
  readonly catalogue: Catalogue;
  readonly fleet: Fleet;
  /** Every dial that the tracker tried. */
  readonly probes: (readonly PeerAddress[])[] = [];
  readonly notes = new Map<string, Registration>();
  /** Hosts where the tracker reaches nobody. */
  readonly unreachable = new Set<string>();
  /** Whether whoever is tried answers, and does not say who it is. */
  isUndecided = false;
  now = 0;
  /** What is done a moment later. */
  readonly pending: (() => void)[] = [];
  /** Ticks of the fleet that are due, and what it could not find out. */
  readonly ticks: (() => void)[] = [];
  /** What the fleet goes on with when others had their turn. */
  readonly turns: (() => void)[] = [];
  readonly failures: unknown[] = [];
  #held: (() => void)[] | undefined;

  constructor({ capacity = 1_000_000 }: { capacity?: number } = {}) {
    this.registry = new SwarmRegistry(capacity);
    const followers = new Followers((action) => this.pending.push(action));
    this.catalogue = new Catalogue(
      new MemoryStore(),
      (hash) => this.registry.counts(hash),
      () => {
        followers.tell();
      },
    );
    this.fleet = new Fleet({
      registry: this.registry,
      catalogue: this.catalogue,
      followers,
      now: () => this.now,
      timeOfDay: () => new Date(this.now).toISOString(),
      later: (action) => this.ticks.push(action),
      soon: (action) => this.turns.push(action),
      failed: (error) => this.failures.push(error),
    });
    this.desk = new AnnounceDesk({
      registry: this.registry,
      random: seededRandom(),
      now: () => this.now,
      leaseMs: LEASE_MS,
      followers,
      notes: {
        put: (registration) => this.notes.set(registration.infoHash + registration.peerId, registration),
        remove: (hash, id) => this.notes.delete(hash + id),
      },
      reachability: {
        probe: async (_peerId, addresses) => {
          this.probes.push(addresses);
          if (this.#held !== undefined) await new Promise<void>((resolve) => this.#held?.push(resolve));
          if (this.isUndecided) return 'undecided';
          const at = addresses.find(({ host }) => !this.unreachable.has(host));
          return at === undefined ? 'unreachable' : { at };
        },
      },
    });
  }

  /** From now on probes end only when they are let go. */
  holdProbes(): void {
    this.#held = [];
  }

  async letProbesEnd(): Promise<void> {
    for (const resolve of this.#held ?? []) resolve();
    this.#held = undefined;
    await settled();
  }

  /** Opens the n-th agent's session, from an address of its own, and waits until it is known whether it is reachable. */
  async open(
    n: number,
    { source = `10.0.0.${String(n)}`, port = 4_000 + n, isReachable = true, trackerHost, ...claim }: TestClaim = {},
  ): Promise<TestAgent> {
    if (!isReachable) this.unreachable.add(source);
    const agent = this.openAtOnce(n, contactOf(source, { port, ...claim }, trackerHost));
    await settled();
    return agent;
  }

  openAtOnce(n: number, contact: Contact): TestAgent {
    const inbox: Heard[] = [];
    const reachability: (PeerAddress | undefined)[] = [];
    let isReplaced = false;
    const session = this.desk.openSession(peerId(n), contact, {
      send: (tidings) => {
        if (tidings.kind === 'reachability') reachability.push(tidings.at);
        else if (tidings.kind === 'peers') inbox.push({ ...tidings, added: tidings.added.flat() });
        else inbox.push(tidings);
      },
      replaced: () => (isReplaced = true),
    });
    return {
      peerId: peerId(n),
      session,
      inbox,
      reachability,
      known: () => knownOf(inbox),
      dials: () => inbox.flatMap((message) => (message.kind === 'dial' ? [message.peer.peerId] : [])),
      isReplaced: () => isReplaced,
    };
  }

  /** Opens an agent's session and announces one swarm. */
  async enter(n: number, left: number, options?: TestClaim): Promise<TestAgent> {
    const agent = await this.open(n, options);
    agent.session.announce([{ infoHash: infoHash(1), left }]);
    return agent;
  }
}

/** Resolves when every probe that ended has been dealt with. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 10; turn++) await Promise.resolve();
}

function knownOf(inbox: readonly Heard[]): PeerId[] {
  const known = new Set<PeerId>();
  for (const message of inbox) {
    if (message.kind !== 'peers') continue;
    for (const { peerId: added } of message.added) known.add(added);
    for (const removed of message.removed) known.delete(removed);
  }
  return [...known];
}
