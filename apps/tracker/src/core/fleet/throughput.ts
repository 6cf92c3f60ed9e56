import { LIMITS } from '@shoal/protocol';

/** What the fleet received in each of the last seconds; 0 in those in which nobody looked. */
export class Throughput {
  readonly #sums = new Float64Array(LIMITS.fleetSeconds);
  #lastSecond = 0;

  /** Notes what was received in a second. @param second whole seconds on a clock that never goes back */
  note(second: number, bytesPerSecond: number): void {
    this.#advance(second);
    this.#sums[second % LIMITS.fleetSeconds] = bytesPerSecond;
  }

  /** All of them, the present one last. */
  read(second: number): readonly number[] {
    this.#advance(second);
    const first = (second + 1) % LIMITS.fleetSeconds;
    return [...this.#sums.subarray(first), ...this.#sums.subarray(0, first)];
  }

  #advance(second: number): void {
    const skipped = Math.min(second - this.#lastSecond, LIMITS.fleetSeconds);
    for (let back = 0; back < skipped; back++) this.#sums[(second - back) % LIMITS.fleetSeconds] = 0;
    this.#lastSecond = Math.max(second, this.#lastSecond);
  }
}
