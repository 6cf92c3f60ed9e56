import { LIMITS, pieceDeadlineMs, type Block, type PeerId, type PieceLayout } from '@shoal/protocol';

/** What became of a run of bytes that arrived. */
export type BlockVerdict =
  /** Nobody asked this peer for it. */
  | { readonly kind: 'unexpected' }
  /** Asked for, and here already. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'progress' }
  /** The last one: the piece is whole, in order, and no longer in the book. */
  | { readonly kind: 'complete'; readonly parts: readonly Uint8Array[] };

/** A peer that delivers less within the time for a piece lets it wait: a byte now and then is no delivery. */
const LEAST_BYTES = 16 * 1024;

/** However slow our line is, a promise is late at last after so many times more than a piece may take. */
const MOST_GRACE = 4;

/** When a peer last delivered something, and what has come since. */
interface Pace {
  sinceMs: number;
  bytes: number;
}

/** A piece comes from its beginning on: what was requested, and what of that is here, are two marks in it. */
interface Claim {
  /** Since when its peer owes us something; undefined while it does not. */
  owedSinceMs: number | undefined;
  /** What had been promised to us when this was: it may all come before it on our line. */
  readonly queueBytes: number;
  requestedBytes: number;
  receivedBytes: number;
  /** The blocks that are here; the last one may have gaps at its end. */
  readonly parts: Uint8Array[];
}

/**
 * What was accepted from whom since when. A claim is one whole piece from one peer, so that a piece that fails its hash
 * has exactly one culprit; in the end game a piece has two claims, and the first complete one wins.
 */
export class RequestBook {
  readonly #layout: PieceLayout;
  readonly #claims = new Map<number, Map<PeerId, Claim>>();
  readonly #paces = new Map<PeerId, Pace>();

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

  /** Notes that a peer promised a piece, of which nothing is requested yet. */
  accept(piece: number, peerId: PeerId): void {
    const claims = this.#claims.get(piece) ?? new Map<PeerId, Claim>();
    this.#claims.set(piece, claims);
    const queueBytes = (this.#claims.size - 1) * this.#layout.pieceLength;
    claims.set(peerId, { owedSinceMs: undefined, queueBytes, requestedBytes: 0, receivedBytes: 0, parts: [] });
  }

  /** Whether a peer promised the piece and not all of it is requested. */
  isOpen(piece: number, peerId: PeerId): boolean {
    const claim = this.#claims.get(piece)?.get(peerId);
    return claim !== undefined && claim.requestedBytes < this.#layout.bytesOf(piece);
  }

  /** What to request next of a piece that is open: a block, or a part of one that is no longer than `mostBytes`. */
  request(piece: number, peerId: PeerId, mostBytes: number, nowMs: number): Block {
    const claim = this.#claims.get(piece)?.get(peerId);
    if (claim === undefined) throw new Error('invariant: what is requested was promised');
    const begin = claim.requestedBytes;
    const blockEnd = Math.min(begin - (begin % LIMITS.blockBytes) + LIMITS.blockBytes, this.#layout.bytesOf(piece));
    claim.owedSinceMs ??= nowMs;
    claim.requestedBytes = Math.min(begin + mostBytes, blockEnd);
    return { piece, begin, length: claim.requestedBytes - begin };
  }

  /** Whether a peer owes us this block: it was requested of the present promise, and is not here. */
  isOwed(peerId: PeerId, { piece, begin }: Block): boolean {
    const claim = this.#claims.get(piece)?.get(peerId);
    return claim !== undefined && begin >= claim.receivedBytes && begin < claim.requestedBytes;
  }

  /** Takes in bytes of a piece. */
  receive(peerId: PeerId, block: Block, bytes: Uint8Array, nowMs: number): BlockVerdict {
    const claim = this.#claims.get(block.piece)?.get(peerId);
    if (claim === undefined || !this.#layout.isWithinBlock(block)) return { kind: 'unexpected' };
    const end = block.begin + block.length;
    if (block.begin > claim.receivedBytes || end > claim.requestedBytes) return { kind: 'unexpected' };
    if (end <= claim.receivedBytes) return { kind: 'duplicate' };
    this.#append(claim, block, bytes);
    const isAllHere = claim.receivedBytes === claim.requestedBytes;
    if (isAllHere) claim.owedSinceMs = undefined;
    this.#delivered(peerId, isAllHere ? LEAST_BYTES : bytes.length, nowMs);
    if (claim.receivedBytes < this.#layout.bytesOf(block.piece)) return { kind: 'progress' };
    this.drop(block.piece, peerId);
    return { kind: 'complete', parts: claim.parts };
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
    this.#paces.delete(peerId);
  }

  /**
   * Claims whose peer owes us something and has delivered next to nothing for as long as a piece may take. What many
   * promised at once to a slow line comes one after the other, and nobody is late for that.
   * @param bytesPerSecond what our line was seen to carry; where nothing comes at all, it is not the line
   */
  late(nowMs: number, bytesPerSecond = 0): { readonly piece: number; readonly peerId: PeerId }[] {
    const late: { piece: number; peerId: PeerId }[] = [];
    for (const [piece, claims] of this.#claims) {
      const allowedMs = pieceDeadlineMs(this.#layout.bytesOf(piece));
      for (const [peerId, { owedSinceMs = nowMs, queueBytes }] of claims) {
        const lineMs = bytesPerSecond === 0 ? 0 : (queueBytes * 1_000) / bytesPerSecond;
        const sinceMs = Math.max(owedSinceMs, this.#paces.get(peerId)?.sinceMs ?? 0);
        if (nowMs - sinceMs > allowedMs + Math.min(lineMs, MOST_GRACE * allowedMs)) late.push({ piece, peerId });
      }
    }
    return late;
  }

  /** What all claims of a peer wait for is the same line: whatever comes on it counts for each. */
  #delivered(peerId: PeerId, bytes: number, nowMs: number): void {
    const pace = this.#paces.get(peerId) ?? { sinceMs: 0, bytes: 0 };
    this.#paces.set(peerId, pace);
    pace.bytes += bytes;
    if (pace.bytes < LEAST_BYTES) return;
    pace.sinceMs = nowMs;
    pace.bytes = 0;
  }

  /** A whole block is kept as it came; one that comes in parts is put together. */
  #append(claim: Claim, { piece, begin, length }: Block, bytes: Uint8Array): void {
    const blockBegin = begin - (begin % LIMITS.blockBytes);
    const blockBytes = Math.min(LIMITS.blockBytes, this.#layout.bytesOf(piece) - blockBegin);
    const at = blockBegin / LIMITS.blockBytes;
    if (length === blockBytes) claim.parts[at] = bytes;
    else (claim.parts[at] ??= new Uint8Array(blockBytes)).set(bytes, begin - blockBegin);
    claim.receivedBytes = begin + length;
  }
}
