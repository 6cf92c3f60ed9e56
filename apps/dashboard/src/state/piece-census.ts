/** How many machines hold each piece of a share. Kept by what changes; nothing is counted anew. */
export class PieceCensus {
  readonly pieceCount: number;
  readonly #holders: Uint32Array;
  /** For a number of holders, how many pieces have so many. */
  readonly #piecesWith: ReadonlyMap<number, number>;

  private constructor(holders: Uint32Array, piecesWith: ReadonlyMap<number, number>) {
    this.pieceCount = holders.length;
    this.#holders = holders;
    this.#piecesWith = piecesWith;
  }

  /** A census of pieces that nobody holds. */
  static empty(pieceCount: number): PieceCensus {
    return new PieceCensus(new Uint32Array(pieceCount), new Map([[0, pieceCount]]));
  }

  holdersOf(piece: number): number {
    return this.#holders[piece] ?? 0;
  }

  /** The number of holders of the rarest piece. */
  get fewestHolders(): number {
    return Math.min(...this.#piecesWith.keys());
  }

  /** How many pieces are as rare as the rarest. */
  get rarestCount(): number {
    return this.#piecesWith.get(this.fewestHolders) ?? 0;
  }

  /** The rarest pieces, ascending, at most `most`. */
  rarest(most: number): number[] {
    const fewest = this.fewestHolders;
    const found: number[] = [];
    for (let piece = 0; piece < this.pieceCount && found.length < most; piece++) {
      if (this.#holders[piece] === fewest) found.push(piece);
    }
    return found;
  }

  /** The census after machines got and lost pieces: a piece stands in a list once for each of them. */
  after(gained: Iterable<number>, lost: Iterable<number>): PieceCensus {
    const holders = this.#holders.slice();
    const piecesWith = new Map(this.#piecesWith);
    const move = (piece: number, by: 1 | -1): void => {
      const before = holders[piece] ?? 0;
      holders[piece] = before + by;
      const rest = (piecesWith.get(before) ?? 0) - 1;
      if (rest > 0) piecesWith.set(before, rest);
      else piecesWith.delete(before);
      piecesWith.set(before + by, (piecesWith.get(before + by) ?? 0) + 1);
    };
    for (const piece of gained) move(piece, 1);
    for (const piece of lost) move(piece, -1);
    return new PieceCensus(holders, piecesWith);
  }
}
