import type { TrackerClient } from '@shoal/client';
import { LIMITS, type InfoHash, type ShareSummary } from '@shoal/protocol';

/** One share that the tracker lists, as far as a mirror needs to know it. */
export type Listing = Pick<ShareSummary, 'infoHash' | 'name' | 'length' | 'fileCount' | 'registeredAt' | 'seeders'>;

/** The part of a tracker that lists shares. */
export type Catalogue = Pick<TrackerClient, 'search'>;

/**
 * What a tracker's catalogue lists under names that are wanted. The catalogue only grows, newest first: whoever has read
 * all of it once needs to read on only until he meets what was the first page the last time.
 */
export class Listings {
  readonly #catalogue: Catalogue;
  readonly #isWanted: (name: string) => boolean;
  #listings = new Map<InfoHash, Listing>();
  #lastFirstPage: ReadonlySet<InfoHash> = new Set();

  constructor(catalogue: Catalogue, isWanted: (name: string) => boolean) {
    this.#catalogue = catalogue;
    this.#isWanted = isWanted;
  }

  /** Reads what is new, and how many seeders the newest have. Rejects as `TrackerClient` does. */
  async readNews(signal: AbortSignal): Promise<void> {
    const known = this.#lastFirstPage;
    await this.#walk(this.#listings, (page) => page.some(({ infoHash }) => known.has(infoHash)), signal);
  }

  /** Reads the whole catalogue. Rejects as `TrackerClient` does. */
  async readAll(signal: AbortSignal): Promise<void> {
    const listings = new Map<InfoHash, Listing>();
    await this.#walk(listings, () => false, signal);
    this.#listings = listings;
  }

  /** Of each name the newest share that somebody seeds, the newest first. */
  newest(): Listing[] {
    const newest = new Map<string, Listing>();
    for (const listing of this.#listings.values()) {
      const other = newest.get(listing.name);
      if (listing.seeders > 0 && (other === undefined || isNewer(listing, other))) newest.set(listing.name, listing);
    }
    return [...newest.values()].sort((a, b) => (isNewer(a, b) ? -1 : 1));
  }

  async #walk(
    listings: Map<InfoHash, Listing>,
    isMet: (page: readonly ShareSummary[]) => boolean,
    signal: AbortSignal,
  ): Promise<void> {
    let firstPage: ReadonlySet<InfoHash> | undefined;
    let cursor: string | undefined;
    do {
      const search = { query: '', limit: LIMITS.searchPage, ...(cursor === undefined ? {} : { cursor }) };
      const { shares, nextCursor } = await this.#catalogue.search(search, signal);
      firstPage ??= new Set(shares.map(({ infoHash }) => infoHash));
      for (const share of shares) if (this.#isWanted(share.name)) listings.set(share.infoHash, listingOf(share));
      cursor = isMet(shares) ? undefined : nextCursor;
    } while (cursor !== undefined);
    // Only now: a walk that was broken off leaves a gap, which the next one must not stop before.
    this.#lastFirstPage = firstPage;
  }
}

/** Which of two shares of one name counts. */
export function isNewer(a: VersionOfName, b: VersionOfName): boolean {
  return a.registeredAt === b.registeredAt ? a.infoHash > b.infoHash : a.registeredAt > b.registeredAt;
}

type VersionOfName = Pick<Listing, 'infoHash' | 'registeredAt'>;

function listingOf({ infoHash, name, length, fileCount, registeredAt, seeders }: ShareSummary): Listing {
  return { infoHash, name, length, fileCount, registeredAt, seeders };
}
