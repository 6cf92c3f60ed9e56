import { pieceDeadlineMs, type Block, type PeerId, type PieceLayout } from '@shoal/protocol';

/** What became of a block that arrived. */
export type BlockVerdict =
  /** Nobody asked this peer for it. */
  | { readonly kind: 'unexpected' }
  /** Asked for, and here already. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'progress' }
  /** The last one: the piece is whole, in order, and no longer in the book. */
  | { readonly kind: 'complete'; readonly parts: readonly Uint8Array[] };

interface Claim {
  readonly acceptedMs: number;
  readonly parts: (Uint8Array | undefined)[];
  missing: number;
}

/**
 * What was accepted from whom since when. A claim is one whole piece from one peer, so that a piece that fails its hash
 * has exactly one culprit; in the end game a piece has two claims, and the first complete one wins.
 */
export class RequestBook {
  readonly #layout: PieceLayout;
  readonly #claims = new Map<number, Map<PeerId, Claim>>();
  readonly #lastBlockMs = new Map<PeerId, number>();

  constructor(layout: PieceLayout) {
    this.#layout = layout;
  }

  /** Pieces with at least one claim. */
  get pieceCount(): number {
    return this.#claims.size;
  }

  /** How many peers promised the piece. */
  claimCount(piece: number): number {
    return this.#claims.get(piece)?.size ?? 0;
  }

  /** Notes that a peer promised a piece; returns the blocks to request. */
  accept(piece: number, peerId: PeerId, nowMs: number): Block[] {
    const claims = this.#claims.get(piece) ?? new Map<PeerId, Claim>();
    this.#claims.set(piece, claims);
    const blocks = this.#layout.blocksOf(piece);
    claims.set(peerId, { acceptedMs: nowMs, parts: blocks.map(() => undefined), missing: blocks.length });
    return blocks;
  }

  /** Takes in a block; `position` is its place among the piece's blocks. */
  receive(peerId: PeerId, block: Block, bytes: Uint8Array, nowMs: number): BlockVerdict {
    const claim = this.#claims.get(block.piece)?.get(peerId);
    if (claim === undefined || !this.#layout.isBlock(block)) return { kind: 'unexpected' };
    const position = this.#layout.blocksOf(block.piece).findIndex(({ begin }) => begin === block.begin);
    if (claim.parts[position] !== undefined) return { kind: 'duplicate' };
    claim.parts[position] = bytes;
    claim.missing--;
    this.#lastBlockMs.set(peerId, nowMs);
    if (claim.missing > 0) return { kind: 'progress' };
    this.drop(block.piece, peerId);
    return { kind: 'complete', parts: claim.parts.filter((part) => part !== undefined) };
  }

  /** Gives up a claim; returns whether there was one. */
  drop(piece: number, peerId: PeerId): boolean {
    const claims = this.#claims.get(piece);
    if (claims?.delete(peerId) !== true) return false;
    if (claims.size === 0) this.#claims.delete(piece);
    return true;
  }

  /** Everybody who promised a piece. */
  claimants(piece: number): PeerId[] {
    return [...(this.#claims.get(piece)?.keys() ?? [])];
  }

  /** The pieces that a peer promised. */
  piecesOf(peerId: PeerId): number[] {
    return [...this.#claims].filter(([, claims]) => claims.has(peerId)).map(([piece]) => piece);
  }

  /** The peer left: forgets when it last sent anything. Its claims are dropped one by one. */
  forget(peerId: PeerId): void {
    this.#lastBlockMs.delete(peerId);
  }

  /** Claims whose peer has delivered nothing at all for as long as a piece may take. */
  late(nowMs: number): { readonly piece: number; readonly peerId: PeerId }[] {
    const late: { piece: number; peerId: PeerId }[] = [];
    for (const [piece, claims] of this.#claims) {
      const allowedMs = pieceDeadlineMs(this.#layout.bytesOf(piece));
      for (const [peerId, { acceptedMs }] of claims) {
        const sinceMs = Math.max(acceptedMs, this.#lastBlockMs.get(peerId) ?? 0);
        if (nowMs - sinceMs > allowedMs) late.push({ piece, peerId });
      }
    }
    return late;
  }
}
