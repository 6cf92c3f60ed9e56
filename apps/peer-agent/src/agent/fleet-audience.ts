import type { TrackerSession, Watch } from '@shoal/client';
import { LIMITS, type Bitfield, type InfoHash, type SwarmReport, type ToldPieces } from '@shoal/protocol';
import type { Sight } from './fleet-sight.ts';

/** One tracker's session, what it wants to be told, and what it was told. */
export class FleetAudience {
  readonly session: Pick<TrackerSession, 'report'>;
  #isLookedAt = false;
  #watched: ReadonlySet<InfoHash> = new Set();
  readonly #told = new Map<InfoHash, Sight>();
  readonly #toldPieces = new Map<InfoHash, Bitfield>();
  readonly #outcomes = new Map<InfoHash, string>();

  constructor(session: Pick<TrackerSession, 'report'>) {
    this.session = session;
  }

  /** Who begins to look knows nothing yet: all is told anew. */
  set watch({ isLookedAt, infoHashes }: Watch) {
    this.#isLookedAt = isLookedAt;
    this.#watched = new Set(infoHashes);
    if (!isLookedAt) this.#told.clear();
    for (const infoHash of this.#toldPieces.keys()) {
      if (!this.#watched.has(infoHash)) this.#toldPieces.delete(infoHash);
    }
  }

  /**
   * What is to be told of a share, after which it counts as told; undefined when there is nothing.
   * @param piecesOf the verified pieces of a share; undefined while it is not open
   */
  hear(sight: Sight, piecesOf: (infoHash: InfoHash) => Bitfield | undefined): SwarmReport | undefined {
    const { infoHash, problem } = sight.report;
    const outcome = this.#outcomes.get(infoHash);
    this.#outcomes.set(infoHash, sight.outcome);
    if (!this.#isLookedAt) {
      const isNews = outcome === undefined ? problem !== undefined : outcome !== sight.outcome;
      return isNews ? sight.report : undefined;
    }
    const isWatched = this.#watched.has(infoHash);
    const isUntold = isWatched && sight.eventCount !== undefined && !this.#toldPieces.has(infoHash);
    if (this.#told.get(infoHash) === sight && !isUntold) return undefined;
    this.#told.set(infoHash, sight);
    return isWatched ? this.#inDetail(sight, piecesOf(infoHash)) : sight.report;
  }

  /** The share is not here any more. */
  forget(infoHash: InfoHash): void {
    this.#told.delete(infoHash);
    this.#toldPieces.delete(infoHash);
    this.#outcomes.delete(infoHash);
  }

  #inDetail({ report, feeders }: Sight, pieces: Bitfield | undefined): SwarmReport {
    if (pieces === undefined) return report;
    const told = toldPieces(pieces, this.#toldPieces.get(report.infoHash));
    this.#toldPieces.set(report.infoHash, pieces);
    return { ...report, feeders, ...(told === undefined ? {} : { pieces: told }) };
  }
}

/** What is new: undefined when nothing is, and all pieces when so many came that naming each would be longer. */
function toldPieces(pieces: Bitfield, before: Bitfield | undefined): ToldPieces | undefined {
  if (before === undefined || pieces.count < before.count) return { bits: pieces.toBase64() };
  if (pieces.count === before.count) return undefined;
  if (pieces.count - before.count > LIMITS.listEntries) return { bits: pieces.toBase64() };
  return { gained: [...pieces].filter((piece) => !before.has(piece)) };
}
