/**
 * What we tell all our peers: which pieces we have, and which were promised to us. Whoever sent a piece hears `have` at
 * once, for that acknowledges it. To the others it is only good to know, and one message for each piece and each of a
 * hundred peers would cost more than some pieces do: they hear of several at a time, of so many that the messages cost
 * little beside the pieces. Of our first and our last pieces they hear sooner: then somebody waits for each.
 *
 * Re-check when changing: the simulator's ratio to the bound with 16 and with 200 peers, and what share of the bytes are
 * messages.
 */
import type { Bitfield, PeerId, PieceLayout } from '@shoal/protocol';
import type { Outbox } from './outbox.ts';
import type { Peer } from './peer.ts';

/** One message, with its headers. */
const MESSAGE_BYTES = 120;
/** What news may cost, of the bytes of the pieces that it is about. */
const COST = 1 / 150;
/** What is told at once is no more than this part of what we have, and of what we lack. */
const PART = 1 / 16;
/** News waits no longer than this. */
const LONGEST_WAIT_MS = 1_000;

/** What is told, and to whom. */
export interface NewsContext {
  readonly layout: PieceLayout;
  /** Pieces that are stored. */
  readonly have: Bitfield;
  readonly peers: ReadonlyMap<PeerId, Peer>;
  readonly outbox: Outbox;
}

export class News {
  readonly #context: NewsContext;
  /** Pieces that we have, with the peer that knows it already. */
  readonly #had = new Map<number, PeerId | undefined>();
  /** Pieces that were promised to us, with the peer that promised. */
  readonly #promised = new Map<number, PeerId>();
  #toldMs = 0;

  constructor(context: NewsContext) {
    this.#context = context;
  }

  /** Somebody promised us a piece that nobody had promised. */
  promised(piece: number, by: PeerId): void {
    this.#promised.set(piece, by);
    if (this.#piecesAtOnce <= 1) this.#tellPromises();
  }

  /** Nobody promises us a piece any more. */
  lacking(piece: number, gaveUp?: PeerId): void {
    if (!this.#promised.delete(piece)) this.#tellHolders('drop', piece, gaveUp);
  }

  /** We have a piece; `from` sent it. */
  had(piece: number, from: PeerId | undefined): void {
    const { peers, outbox } = this.#context;
    if (from !== undefined && peers.has(from)) outbox.sendPiece(from, 'have', piece);
    this.#promised.delete(piece);
    this.#had.set(piece, from);
  }

  /** Tells what is due; all there is if we have every piece. */
  tell(nowMs: number, isComplete: boolean): void {
    const isDue = this.#had.size >= this.#piecesAtOnce || nowMs - this.#toldMs > LONGEST_WAIT_MS;
    if (!isDue && !isComplete) return;
    const { peers, outbox } = this.#context;
    this.#toldMs = nowMs;
    for (const peer of peers.values()) {
      for (const [piece, from] of this.#had) if (from !== peer.id) outbox.sendPiece(peer.id, 'have', piece);
    }
    this.#had.clear();
    this.#tellPromises();
  }

  get #piecesAtOnce(): number {
    const { layout, have, peers } = this.#context;
    const cheapest = (peers.size * MESSAGE_BYTES) / (COST * layout.pieceLength);
    const fewest = Math.min(have.count, layout.pieceCount - have.count);
    return Math.min(cheapest, 1 + Math.floor(PART * fewest));
  }

  #tellPromises(): void {
    for (const [piece, by] of this.#promised) this.#tellHolders('add', piece, by);
    this.#promised.clear();
  }

  /** Those who have a piece are the only ones who could offer it. */
  #tellHolders(change: 'add' | 'drop', piece: number, exceptPeer: PeerId | undefined): void {
    const { peers, outbox } = this.#context;
    for (const peer of peers.values()) {
      if (peer.id !== exceptPeer && peer.has(piece)) outbox.expect(peer.id, change, piece);
    }
  }
}
