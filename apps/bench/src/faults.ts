/** Keeps a measurement going when a contender fails: that one is left out from then on, and the report says so. */
export class Faults {
  readonly #print: (text: string) => void;
  readonly #reasons = new Map<string, string>();

  constructor(print: (text: string) => void) {
    this.#print = print;
  }

  /** Who failed, for the notes of a report. */
  get notes(): string[] {
    return [...this.#reasons].map(([name, reason]) => `${name} failed and was left out from then on: ${reason}`);
  }

  /** Lets a contender do its work; gives nothing when it fails now or has failed before. */
  async attempt<R>(name: string, work: () => Promise<R>): Promise<R[]> {
    if (this.#reasons.has(name)) return [];
    try {
      return [await work()];
    } catch (error) {
      this.#print(`  ${name} failed: ${String(error)}`);
      this.#reasons.set(name, String(error).split('\n', 1)[0] ?? '');
      return [];
    }
  }
}
