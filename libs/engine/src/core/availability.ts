/**
 * How many peers of a swarm have each piece or will soon, and the pieces that we can send in the order of that, rarest
 * first. Both are kept as `Peer`s change, a step at a time: a piece that moves to another rarity changes places with one
 * at the border of the two, so that no choice ever has to look at all pieces.
 */
export class Availability {
  readonly #rarity: Uint16Array;
  /** What we can send, from the most frequent to the rarest. */
  readonly #order: Uint32Array;
  /** Where each piece stands in the order; -1 for what we cannot send. */
  readonly #place: Int32Array;
  /** Where the pieces of each rarity begin in the order; those of a greater rarity than any here begin at 0. */
  readonly #begins: number[] = [];
  #count = 0;
  #openings = 0;

  constructor(pieceCount: number) {
    this.#rarity = new Uint16Array(pieceCount);
    this.#order = new Uint32Array(pieceCount);
    this.#place = new Int32Array(pieceCount).fill(-1);
  }

  /** Peers that have the piece or were promised it: the rarest piece has the smallest. */
  rarity(piece: number): number {
    return this.#rarity[piece] ?? 0;
  }

  /** Changes whenever somebody may lack something of ours that nobody lacked before. */
  get openings(): number {
    return this.#openings;
  }

  /** We can send the piece from now on. */
  own(piece: number): void {
    if (this.#place[piece] !== -1) return;
    this.#openings++;
    this.#put(piece, this.#count++);
    for (let rarity = 0; rarity < this.rarity(piece); rarity++) this.#moveUp(piece, rarity);
  }

  /** One more peer has the piece or was promised it. */
  add(piece: number): void {
    const rarity = this.rarity(piece);
    this.#rarity[piece] = rarity + 1;
    if (this.#place[piece] !== -1) this.#moveUp(piece, rarity);
  }

  /** One peer less: it left, or the promise was not kept. */
  remove(piece: number): void {
    const rarity = this.rarity(piece) - 1;
    this.#rarity[piece] = rarity;
    if (this.#place[piece] === -1) return;
    this.#openings++;
    const last = this.#begin(rarity) - 1;
    this.#swap(piece, last);
    this.#begins[rarity] = last;
  }

  /**
   * The pieces that we can send, rarest first.
   * @param chance where to begin among equals, in [0, 1): two senders that begin elsewhere seldom offer the same
   */
  *rarestFirst(chance: number): IterableIterator<number> {
    for (let rarity = 0, end = this.#count; end > 0; rarity++) {
      const begin = this.#begin(rarity);
      const first = Math.floor(chance * (end - begin));
      for (let at = begin + first; at < end; at++) yield this.#order[at] ?? 0;
      for (let at = begin; at < begin + first; at++) yield this.#order[at] ?? 0;
      end = begin;
    }
  }

  #begin(rarity: number): number {
    return this.#begins[rarity] ?? 0;
  }

  /** To the end of the pieces that are more frequent by one, which is where its own begin. */
  #moveUp(piece: number, rarity: number): void {
    const first = this.#begin(rarity);
    this.#swap(piece, first);
    this.#begins[rarity] = first + 1;
  }

  #swap(piece: number, place: number): void {
    const other = this.#order[place] ?? piece;
    this.#put(other, this.#place[piece] ?? place);
    this.#put(piece, place);
  }

  #put(piece: number, place: number): void {
    this.#order[place] = piece;
    this.#place[piece] = place;
  }
}
