/**
 * Who goes first where there is not enough for all: whoever found nothing before. Swarms take what they share in turns,
 * so that none is starved by one that asks more often.
 */
export class Turns {
  /** In the order in which they found nothing. */
  readonly #waiting = new Set<object>();

  /**
   * Whether one may take something now, given that there is something or not; who may not waits from now on.
   * @param who the same object each time
   */
  mayTake(who: object, isThereSome: boolean): boolean {
    const [first = who] = this.#waiting;
    const may = isThereSome && first === who;
    if (may) this.#waiting.delete(who);
    else this.#waiting.add(who);
    return may;
  }

  /** One wants nothing any more. */
  leave(who: object): void {
    this.#waiting.delete(who);
  }
}
