import { TrackerClient } from '@shoal/client';
import type { InfoHash, Metainfo, ShareSummary, SwarmReply } from '@shoal/protocol';

/** What the tracker knows, as the test swarm's programs look at it. */
export class Catalogue {
  readonly #tracker: TrackerClient;
  readonly #known = new Map<InfoHash, Metainfo>();

  constructor(tracker: string) {
    this.#tracker = new TrackerClient(tracker);
  }

  /** Shares that somebody has; of several with one name the newest, which took the place of the others. */
  async shares(): Promise<readonly Metainfo[]> {
    const newest = new Map<string, InfoHash>();
    for (const { name, infoHash } of await this.#living()) if (!newest.has(name)) newest.set(name, infoHash);
    return Promise.all([...newest.values()].map((infoHash) => this.#metainfo(infoHash)));
  }

  /**
   * How far those are who still download, on average, from 0 to 1.
   * @returns undefined while nobody downloads
   */
  async progress(): Promise<number | undefined> {
    const shares = await this.shares();
    const swarms = await Promise.all(shares.map(({ infoHash }) => this.#tracker.swarm(infoHash)));
    return progressOf(shares, swarms);
  }

  /** Newest first. */
  async #living(): Promise<ShareSummary[]> {
    const found: ShareSummary[] = [];
    let cursor: string | undefined;
    do {
      const page = await this.#tracker.search({ query: '', ...(cursor === undefined ? {} : { cursor }) });
      found.push(...page.shares);
      cursor = page.nextCursor;
    } while (cursor !== undefined);
    return found.filter(({ seeders, leechers }) => seeders + leechers > 0);
  }

  async #metainfo(infoHash: InfoHash): Promise<Metainfo> {
    const metainfo = this.#known.get(infoHash) ?? (await this.#tracker.get(infoHash));
    this.#known.set(infoHash, metainfo);
    return metainfo;
  }
}

/** How far the peers are that still lack something, on average over their bytes. */
export function progressOf(
  shares: readonly Metainfo[],
  swarms: readonly Pick<SwarmReply, 'infoHash' | 'peers'>[],
): number | undefined {
  let [wanted, lacking] = [0, 0];
  for (const { infoHash, peers } of swarms) {
    const length = shares.find((share) => share.infoHash === infoHash)?.info.length ?? 0;
    for (const { left } of peers.filter((peer) => peer.left > 0)) {
      wanted += length;
      lacking += left;
    }
  }
  return wanted === 0 ? undefined : 1 - lacking / wanted;
}
