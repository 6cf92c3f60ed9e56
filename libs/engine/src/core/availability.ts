/** How many peers of a swarm have each piece or were promised it; kept incrementally as `Peer`s change. */
export class Availability {
  readonly #holders: Uint16Array;
  readonly #promises: Uint16Array;

  constructor(pieceCount: number) {
    this.#holders = new Uint16Array(pieceCount);
    this.#promises = new Uint16Array(pieceCount);
  }

  /** Peers that have the piece. */
  holders(piece: number): number {
    return this.#holders[piece] ?? 0;
  }

  /** Peers that have the piece or will soon: the rarest piece has the smallest. */
  rarity(piece: number): number {
    return (this.#holders[piece] ?? 0) + (this.#promises[piece] ?? 0);
  }

  /** Counts a peer that has the piece: `change` is 1 when it gains it, -1 when it leaves. */
  changeHolders(piece: number, change: 1 | -1): void {
    this.#holders[piece] = this.holders(piece) + change;
  }

  /** Counts a peer that was promised the piece, by us or by somebody else. */
  changePromises(piece: number, change: 1 | -1): void {
    this.#promises[piece] = (this.#promises[piece] ?? 0) + change;
  }
}
