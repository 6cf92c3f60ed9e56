import { LIMITS, reportError, type FromFleet, type SearchReply, type ShareRow } from '@shoal/protocol';
import type { FleetSight } from './sight.ts';
import type { Picture } from './picture-view.ts';

/** The shares that match a query, and the fleet as a whole. */
export class Overview implements Picture {
  readonly #sight: FleetSight;
  readonly #query: string;
  #found: (SearchReply & { readonly count: number }) | undefined;
  /** Of the catalogue that was searched last. */
  #edition: number | undefined;
  #failure: FromFleet | undefined;

  constructor(sight: FleetSight, query: string) {
    this.#sight = sight;
    this.#query = query;
  }

  async refresh(): Promise<boolean> {
    const { catalogue, edition } = this.#sight;
    if (this.#edition === edition) return false;
    try {
      const reply = await catalogue.search({ query: this.#query, limit: LIMITS.searchPage });
      this.#found = { ...reply, count: await catalogue.count() };
      this.#edition = edition;
      this.#failure = undefined;
    } catch (error) {
      this.#failure = failureOf(error);
      this.#sight.failed(error);
    }
    return true;
  }

  draw(): FromFleet | undefined {
    if (this.#found === undefined || this.#failure !== undefined) return this.#failure;
    const { shares, nextCursor, count } = this.#found;
    const { registry, reports } = this.#sight;
    return {
      kind: 'overview',
      query: this.#query,
      shares: shares.map((share): ShareRow => {
        const { infoHash } = share;
        const receivedBytesPerSecond = reports.receivedBytesPerSecond(infoHash);
        const left = registry.leftIn(infoHash);
        return { ...share, ...registry.counts(infoHash), left, receivedBytesPerSecond };
      }),
      hasMore: nextCursor !== undefined,
      totals: { shares: count, machines: registry.peerCount, ...reports.totals },
      throughput: this.#sight.throughput(),
    };
  }
}

/** What went wrong inside the tracker is not told to strangers. */
export function failureOf(error: unknown): FromFleet {
  const { code } = reportError(error);
  return { kind: 'error', code, message: 'the tracker could not look; its log says why' };
}
