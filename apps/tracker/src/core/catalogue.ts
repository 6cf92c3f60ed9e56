import { parseMetainfo, ShoalError, type InfoHash, type SearchReply } from '@shoal/protocol';
import type { CatalogueEntry, CatalogueShare, TrackerStore } from '../store/tracker-store.ts';

/** One search as it was asked. */
export interface Search {
  readonly query: string;
  readonly limit: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

/** How many are in a swarm. */
export type CountSwarm = (infoHash: InfoHash) => { readonly seeders: number; readonly leechers: number };

/** What a share is, without its digests. */
export interface ShareOutline extends CatalogueShare {
  readonly pieceLength: number;
  readonly pieceCount: number;
}

const CURSOR = /^[1-9][0-9]{0,14}$/;

/** Every registered share, with its metainfo. */
export class Catalogue {
  readonly #store: TrackerStore;
  readonly #count: CountSwarm;
  readonly #onNew: () => void;

  /** @param onNew called when a share was registered that was not there before */
  constructor(store: TrackerStore, count: CountSwarm, onNew: () => void) {
    this.#store = store;
    this.#count = count;
    this.#onNew = onNew;
  }

  /**
   * Registers a metainfo; it is committed when this resolves. Registering it again changes nothing.
   * @returns whether it is new
   * @throws ShoalError as `parseMetainfo`, and `database-unavailable`
   */
  async register(infoHash: InfoHash, body: Uint8Array): Promise<boolean> {
    const { document, info, isSingleFile } = parseMetainfo(body, 'the metainfo', infoHash);
    const entry: CatalogueEntry = {
      infoHash,
      name: info.name,
      length: info.length,
      fileCount: info.files.length,
      registeredAt: new Date().toISOString(),
      paths: isSingleFile ? [] : info.files.map((file) => file.path.join('/')),
      document: JSON.stringify(document),
    };
    const isNew = await this.#store.addShare(entry);
    if (isNew) this.#onNew();
    return isNew;
  }

  /**
   * The metainfo of a share as JSON.
   * @throws ShoalError `unknown-share`, `database-unavailable`
   */
  async read(infoHash: InfoHash): Promise<string> {
    const document = await this.#store.readDocument(infoHash);
    if (document === undefined) throw new ShoalError('unknown-share', `reading the share ${infoHash}`);
    return document;
  }

  /**
   * Those of the shares that are registered, in any order.
   * @throws ShoalError `database-unavailable`
   */
  describe(infoHashes: readonly InfoHash[]): Promise<readonly CatalogueShare[]> {
    return this.#store.describe(infoHashes);
  }

  /**
   * What a share is; undefined when it is not registered.
   * @throws ShoalError `database-unavailable`
   */
  async outline(infoHash: InfoHash): Promise<ShareOutline | undefined> {
    const [[share], document] = await Promise.all([
      this.#store.describe([infoHash]),
      this.#store.readDocument(infoHash),
    ]);
    if (share === undefined || document === undefined) return undefined;
    const { pieceLength, pieceCount } = parseMetainfo(document, `the metainfo of ${infoHash}`).layout;
    return { ...share, pieceLength, pieceCount };
  }

  /**
   * Makes sure that a share is registered.
   * @throws ShoalError `unknown-share`, `database-unavailable`
   */
  async expect(infoHash: InfoHash): Promise<void> {
    if (!(await this.#store.hasShare(infoHash))) throw new ShoalError('unknown-share', `looking for ${infoHash}`);
  }

  /**
   * One page of the shares whose name or inner path contains the query, the newest first.
   * @throws ShoalError `bad-message` for a cursor that is none, `database-unavailable`
   */
  async search({ query, limit, cursor }: Search): Promise<SearchReply> {
    if (cursor !== undefined && !CURSOR.test(cursor)) {
      throw new ShoalError('bad-message', `searching from the cursor "${cursor.slice(0, 32)}": no answer gave it`);
    }
    const before = cursor === undefined ? {} : { before: Number(cursor) };
    const hits = await this.#store.search({ text: query, limit: limit + 1, ...before });
    const page = hits.slice(0, limit);
    const last = page.at(-1);
    return {
      shares: page.map(({ position: _, ...hit }) => ({ ...hit, ...this.#count(hit.infoHash) })),
      ...(hits.length > limit && last !== undefined ? { nextCursor: String(last.position) } : {}),
    };
  }

  count(): Promise<number> {
    return this.#store.countShares();
  }
}
