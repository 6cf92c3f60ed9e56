/**
 * Which piece to offer to whom next: the sender chooses (docs/adr, scheduling). Among the receivers that we load least,
 * the piece that is rarest in our view and that one of them lacks; a source, which has everything, first takes what it
 * has itself sent least, so that nothing is sent twice before all was sent once. Among the receivers that lack the
 * piece, the one that has least.
 *
 * It decides one offer at a time and keeps no state. It does not decide how much may be under way (`UploadWindow`).
 * Re-check when changing: the simulator's ratio to the bound, and how often the source sends the same piece.
 */

/** Somebody who wants pieces, as the scheduler needs to see it. */
export interface Receiver {
  /** Bytes of our offers to it that are not acknowledged. */
  readonly loadBytes: number;
  /** Pieces that it has. */
  readonly pieceCount: number;
  /** Pieces that it asked for before all others, most wanted first. */
  readonly wantedFirst: readonly number[];
  /** Neither has the piece nor was promised it. */
  lacks(piece: number): boolean;
}

/** The world as the scheduler needs to see it. */
export interface UploadView<R extends Receiver> {
  readonly pieceCount: number;
  /** Interested receivers, in any order. */
  readonly receivers: readonly R[];
  /** Whether we have every piece. */
  readonly isSource: boolean;
  /** Whether we can send the piece. */
  has(piece: number): boolean;
  /** Peers that have the piece or were promised it. */
  rarity(piece: number): number;
  /** How often we sent the piece or offered it with success. */
  timesSent(piece: number): number;
  /** Uniform in [0, 1). */
  readonly chance: () => number;
}

/** A pair of receiver and piece. */
export interface Choice<R> {
  readonly receiver: R;
  readonly piece: number;
}

/** The next offer, or undefined when no receiver lacks anything that we have. */
export function chooseOffer<R extends Receiver>(view: UploadView<R>): Choice<R> | undefined {
  const byLoad = [...view.receivers].sort((a, b) => a.loadBytes - b.loadBytes || a.pieceCount - b.pieceCount);
  for (let from = 0; from < byLoad.length;) {
    let to = from + 1;
    while (to < byLoad.length && byLoad[to]?.loadBytes === byLoad[from]?.loadBytes) to++;
    const equals = byLoad.slice(from, to);
    const choice = wantedBy(view, equals) ?? rarestFor(view, equals);
    if (choice !== undefined) return choice;
    from = to;
  }
  return undefined;
}

/** What a receiver asked for before all others, if we have it. */
function wantedBy<R extends Receiver>(view: UploadView<R>, receivers: readonly R[]): Choice<R> | undefined {
  for (const receiver of receivers) {
    const piece = receiver.wantedFirst.find((wanted) => view.has(wanted) && receiver.lacks(wanted));
    if (piece !== undefined) return { receiver, piece };
  }
  return undefined;
}

/** The rarest piece that one of the receivers lacks, for the first of them that does. */
function rarestFor<R extends Receiver>(view: UploadView<R>, receivers: readonly R[]): Choice<R> | undefined {
  // A source goes in order, which disks like; others start anywhere, so that two of them seldom offer the same.
  const start = view.isSource ? 0 : Math.floor(view.chance() * view.pieceCount);
  let best: Choice<R> | undefined;
  let bestRank = Number.POSITIVE_INFINITY;
  for (let step = 0; step < view.pieceCount; step++) {
    const piece = (start + step) % view.pieceCount;
    if (!view.has(piece)) continue;
    const rank = rankOf(view, piece);
    if (rank >= bestRank) continue;
    const receiver = receivers.find((candidate) => candidate.lacks(piece));
    if (receiver === undefined) continue;
    best = { receiver, piece };
    bestRank = rank;
  }
  return best;
}

function rankOf(view: UploadView<Receiver>, piece: number): number {
  const sentFirst = view.isSource ? view.timesSent(piece) * 0x10000 : 0;
  return sentFirst + view.rarity(piece);
}

/** A receiver near its end: what others promised it and have not delivered. */
export interface EndGameReceiver extends Receiver {
  /** Pieces that others promised it, with the time of the promise in milliseconds. */
  readonly promises: Iterable<readonly [piece: number, sinceMs: number]>;
}

/**
 * The end game, for a sender with nothing fresh to offer: the promise of somebody else that has waited longest and that
 * we could keep, if it was made before `beforeMs`. The first complete piece wins.
 */
export function chooseEndGameOffer<R extends EndGameReceiver>(
  receivers: readonly R[],
  has: (piece: number) => boolean,
  beforeMs: number,
): Choice<R> | undefined {
  let oldest: Choice<R> | undefined;
  let oldestMs = beforeMs;
  for (const receiver of receivers) {
    if (receiver.loadBytes > 0) continue;
    for (const [piece, sinceMs] of receiver.promises) {
      if (sinceMs >= oldestMs || !has(piece)) continue;
      oldest = { receiver, piece };
      oldestMs = sinceMs;
    }
  }
  return oldest;
}
