import { LIMITS, type FromTracker, type HandedPeer, type InfoHash, type PeerId } from '@shoal/protocol';
import type { SwarmNews, Tidings } from '../core/swarm-registry.ts';

type PeersMessage = Extract<FromTracker, { kind: 'peers' }>;

/** Removed peers in one message: with as many swarms and added peers as it may hold, it stays below the limit of a message. */
const REMOVED_AT_ONCE = 500;

/** What is new of one peer. */
interface PeerNews {
  /** Where it is, as was said last; wherever it came to, it is there. */
  addresses: readonly HandedPeer[];
  /** Whether it came to a swarm or went, as was said last. */
  readonly isIn: Map<InfoHash, boolean>;
}

/** Swarms of which the same is to be told. */
interface Group {
  readonly infoHashes: readonly InfoHash[];
  readonly added: HandedPeer[];
  readonly removed: PeerId[];
}

/**
 * Joins the news that come up in one turn of the event loop. One newcomer is told at once; when a thousand come or go
 * together, or one comes to a thousand swarms, each agent gets few messages instead of a thousand.
 */
export class Outbox {
  readonly #deliver: (messages: readonly FromTracker[]) => void;
  #news = new Map<PeerId, PeerNews>();
  #messages: FromTracker[] = [];
  #turn: NodeJS.Immediate | undefined;

  constructor(deliver: (messages: readonly FromTracker[]) => void) {
    this.#deliver = deliver;
  }

  /** Takes what is to be told; it is delivered before the event loop turns again. */
  put(tidings: Tidings): void {
    if (tidings.kind === 'peers') this.#join(tidings);
    else this.#messages.push(tidings);
    this.#turn ??= setImmediate(() => {
      this.flush();
    });
  }

  /** Delivers now what is waiting. */
  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const messages = this.#messages;
    for (const group of grouped(this.#news)) messages.push(...split(group));
    this.#messages = [];
    this.#news = new Map();
    if (messages.length > 0) this.#deliver(messages);
  }

  #join({ infoHash, added, removed }: SwarmNews): void {
    for (const peerId of removed) this.#newsOf(peerId).isIn.set(infoHash, false);
    for (const addresses of added) {
      const [first] = addresses;
      if (first === undefined) continue;
      const news = this.#newsOf(first.peerId);
      news.addresses = addresses;
      news.isIn.set(infoHash, true);
    }
  }

  #newsOf(peerId: PeerId): PeerNews {
    const known = this.#news.get(peerId);
    if (known !== undefined) return known;
    const news: PeerNews = { addresses: [], isIn: new Map() };
    this.#news.set(peerId, news);
    return news;
  }
}

/**
 * Agents mostly have the same shares as those whom they hear of: peers that came to the same swarms stand in one group. A
 * list is held against the last one that begins alike, and no others, so that the time grows with what is new only.
 */
function grouped(all: ReadonlyMap<PeerId, PeerNews>): readonly Group[] {
  const groups: Group[] = [];
  const newest = new Map<InfoHash | undefined, Group>();
  const groupOf = (infoHashes: readonly InfoHash[]): Group => {
    const known = newest.get(infoHashes[0]);
    if (known !== undefined && isSameList(known.infoHashes, infoHashes)) return known;
    const group: Group = { infoHashes, added: [], removed: [] };
    newest.set(infoHashes[0], group);
    groups.push(group);
    return group;
  };
  for (const [peerId, { addresses, isIn }] of all) {
    for (const infoHashes of batches(isIn, true)) groupOf(infoHashes).added.push(...addresses);
    for (const infoHashes of batches(isIn, false)) groupOf(infoHashes).removed.push(peerId);
  }
  return groups;
}

function batches(isIn: ReadonlyMap<InfoHash, boolean>, wanted: boolean): InfoHash[][] {
  const found: InfoHash[][] = [];
  let last: InfoHash[] | undefined;
  for (const [infoHash, is] of isIn) {
    if (is !== wanted) continue;
    if (last === undefined || last.length === LIMITS.announceSwarms) found.push((last = []));
    last.push(infoHash);
  }
  return found;
}

function isSameList(one: readonly InfoHash[], other: readonly InfoHash[]): boolean {
  return one.length === other.length && one.every((infoHash, at) => infoHash === other[at]);
}

function split({ infoHashes, added, removed }: Group): PeersMessage[] {
  const messages: PeersMessage[] = [];
  for (let part = 0; part * LIMITS.handOutPeers < added.length || part * REMOVED_AT_ONCE < removed.length; part++) {
    messages.push({
      kind: 'peers',
      infoHashes,
      added: added.slice(part * LIMITS.handOutPeers, (part + 1) * LIMITS.handOutPeers),
      removed: removed.slice(part * REMOVED_AT_ONCE, (part + 1) * REMOVED_AT_ONCE),
    });
  }
  return messages;
}
