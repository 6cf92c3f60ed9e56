/**
 * Which piece to offer to whom next: the sender chooses (docs/adr, scheduling). Three things count, each in pieces: how
 * many have the piece or will soon (twice), how many offers of ours the receiver has not acknowledged, and how far it is.
 * So the rarest goes first, to those who wait for nothing, and among them to those who lack most. Progress weighs little:
 * whoever falls behind because its line is slow must not fill the windows of all others. Where there are many, a little
 * chance comes to it: others that have the same piece and see the same receivers would all offer it to the same one.
 *
 * It decides one offer at a time and keeps no state. It does not decide how much may be under way (`UploadWindow`).
 * Re-check when changing: the simulator's ratio to the bound, and how often the source sends the same piece.
 */

/** What one more peer that has a piece weighs, in pieces that a receiver still waits for. */
const RARITY_WEIGHT = 2;
/** What one piece that a receiver has or was promised weighs. */
const CLAIMED_WEIGHT = 1 / 1024;
/** What chance weighs at most, for each receiver beyond a few: among those it would only give the rare to the slow. */
const CHANCE_WEIGHT = 1 / 512;
const FEW_RECEIVERS = 8;
/** So many pieces that a receiver waits for outweigh that it wants another before all others. */
const WANTED_WEIGHT = 4;
/** Pieces that somebody lacks, of which the best is taken. */
const MOST_COMPARED = 32;

/** Somebody who wants pieces, as the scheduler needs to see it. */
export interface Receiver {
  /** Bytes of our offers to it that are not acknowledged. */
  readonly loadBytes: number;
  /** Pieces that it has or was promised. */
  readonly claimedCount: number;
  /** Pieces that it asked for before all others, most wanted first. */
  readonly wantedFirst: readonly number[];
  /** Neither has the piece nor was promised it. */
  lacks(piece: number): boolean;
}

/** The world as the scheduler needs to see it. */
export interface UploadView<R extends Receiver> {
  readonly pieceBytes: number;
  /** Interested receivers, in any order. */
  readonly receivers: readonly R[];
  /** What we can send, rarest first. */
  readonly rarestFirst: Iterable<number>;
  /** Whether we can send the piece. */
  has(piece: number): boolean;
  /** Peers that have the piece or were promised it. */
  rarity(piece: number): number;
  /** Uniform in [0, 1). */
  chance(): number;
}

/** A pair of receiver and piece. */
export interface Choice<R> {
  readonly receiver: R;
  readonly piece: number;
}

interface Rated<R> {
  readonly receiver: R;
  /** What speaks against it: the less the better. */
  readonly weight: number;
}

/** The next offer, or undefined when no receiver lacks anything that we have. */
export function chooseOffer<R extends Receiver>(view: UploadView<R>): Choice<R> | undefined {
  const mostLuck = Math.max(0, view.receivers.length - FEW_RECEIVERS) * CHANCE_WEIGHT;
  const luck = (): number => (mostLuck === 0 ? 0 : mostLuck * view.chance());
  const rated = view.receivers.map((receiver) => ({ receiver, weight: weightOf(view, receiver) + luck() }));
  rated.sort((a, b) => a.weight - b.weight);
  const wanted = wantedBy(view, rated);
  const rarest = rarestFor(view, rated);
  if (wanted === undefined || rarest === undefined) return wanted ?? rarest;
  return wanted.weight - WANTED_WEIGHT <= rarest.weight ? wanted : rarest;
}

function weightOf({ pieceBytes }: UploadView<Receiver>, { loadBytes, claimedCount }: Receiver): number {
  return loadBytes / pieceBytes + claimedCount * CLAIMED_WEIGHT;
}

type RatedChoice<R> = Choice<R> & { readonly weight: number };

/** What a receiver asked for before all others, if we have it. */
function wantedBy<R extends Receiver>(view: UploadView<R>, rated: readonly Rated<R>[]): RatedChoice<R> | undefined {
  for (const { receiver, weight } of rated) {
    const piece = receiver.wantedFirst.find((wanted) => view.has(wanted) && receiver.lacks(wanted));
    if (piece !== undefined) return { receiver, piece, weight };
  }
  return undefined;
}

/** The best pair of a piece and the first receiver that lacks it. */
function rarestFor<R extends Receiver>(view: UploadView<R>, rated: readonly Rated<R>[]): RatedChoice<R> | undefined {
  const least = rated[0]?.weight ?? 0;
  let best: RatedChoice<R> | undefined;
  let compared = 0;
  for (const piece of view.rarestFirst) {
    const rarity = view.rarity(piece) * RARITY_WEIGHT;
    if (best !== undefined && (least + rarity >= best.weight || compared >= MOST_COMPARED)) break;
    const taker = rated.find(({ receiver }) => receiver.lacks(piece));
    if (taker === undefined) continue;
    compared++;
    const weight = taker.weight + rarity;
    if (best === undefined || weight < best.weight) best = { receiver: taker.receiver, piece, weight };
  }
  return best;
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
