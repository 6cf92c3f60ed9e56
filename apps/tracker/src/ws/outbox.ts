import { LIMITS, type FromTracker, type HandedPeer, type InfoHash, type PeerId } from '@shoal/protocol';

type PeersMessage = Extract<FromTracker, { kind: 'peers' }>;

/** Removed peers in one message: with `LIMITS.handOutPeers` added ones it stays far below the limit of a message. */
const REMOVED_AT_ONCE = 500;

/** Who came and who went, in order: who went has no address, who came has one or several. */
type SwarmNews = { readonly peerId: PeerId; readonly addresses: readonly HandedPeer[] }[];

/**
 * Joins the news of a swarm that come up in one turn of the event loop. One newcomer is told at once; when a thousand
 * come or go together, each agent gets few messages instead of a thousand.
 */
export class Outbox {
  readonly #deliver: (messages: readonly FromTracker[]) => void;
  readonly #news = new Map<InfoHash, SwarmNews>();
  #messages: FromTracker[] = [];
  #turn: NodeJS.Immediate | undefined;

  constructor(deliver: (messages: readonly FromTracker[]) => void) {
    this.#deliver = deliver;
  }

  /** Takes a message; it is delivered before the event loop turns again. */
  put(message: FromTracker): void {
    if (message.kind === 'peers') this.#join(message);
    else this.#messages.push(message);
    this.#turn ??= setImmediate(() => {
      this.flush();
    });
  }

  /** Delivers now what is waiting. */
  flush(): void {
    clearImmediate(this.#turn);
    this.#turn = undefined;
    const messages = this.#messages;
    for (const [infoHash, news] of this.#news) messages.push(...split(infoHash, news));
    this.#messages = [];
    this.#news.clear();
    if (messages.length > 0) this.#deliver(messages);
  }

  #join({ infoHash, added, removed }: PeersMessage): void {
    const gone = removed.map((peerId) => ({ peerId, addresses: [] }));
    const news = this.#news.get(infoHash) ?? [];
    news.push(...gone, ...byPeer(added));
    this.#news.set(infoHash, news);
  }
}

function split(infoHash: InfoHash, news: SwarmNews): PeersMessage[] {
  const { added, removed } = lastOfEach(news);
  const messages: PeersMessage[] = [];
  for (let part = 0; part * LIMITS.handOutPeers < added.length || part * REMOVED_AT_ONCE < removed.length; part++) {
    messages.push({
      kind: 'peers',
      infoHash,
      added: added.slice(part * LIMITS.handOutPeers, (part + 1) * LIMITS.handOutPeers),
      removed: removed.slice(part * REMOVED_AT_ONCE, (part + 1) * REMOVED_AT_ONCE),
    });
  }
  return messages;
}

/** What holds in the end: who came and went again has gone, and who came twice is where it was said to be last. */
function lastOfEach(news: SwarmNews): { readonly added: HandedPeer[]; readonly removed: PeerId[] } {
  const last = new Map<PeerId, readonly HandedPeer[]>();
  for (const { peerId, addresses } of news) last.set(peerId, addresses);
  return {
    added: [...last.values()].flat(),
    removed: [...last].filter(([, addresses]) => addresses.length === 0).map(([peerId]) => peerId),
  };
}

function byPeer(added: readonly HandedPeer[]): SwarmNews {
  const addressesOf = new Map<PeerId, HandedPeer[]>();
  for (const peer of added) {
    const addresses = addressesOf.get(peer.peerId);
    if (addresses === undefined) addressesOf.set(peer.peerId, [peer]);
    else addresses.push(peer);
  }
  return [...addressesOf].map(([peerId, addresses]) => ({ peerId, addresses }));
}
