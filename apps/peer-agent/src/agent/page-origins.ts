/** Which web pages may open links to an agent: those of its trackers, those that its trackers name, those that its owner names. */
import { asPageOrigin } from '@shoal/protocol';

export class PageOrigins {
  readonly #ownersOwn: ReadonlySet<string>;
  /** By tracker address: what it named last. */
  readonly #named = new Map<string, readonly string[]>();

  /** @param ownersOwn what the owner named, in the form of `asPageOrigin` */
  constructor(ownersOwn: readonly string[] = []) {
    this.#ownersOwn = new Set(ownersOwn);
  }

  /**
   * The agent uses a tracker, whose own pages it accepts from now on.
   * @returns to be called with the origins that it names, which replace those before; what is no origin is passed over
   */
  trust(tracker: string): (origins: readonly string[]) => void {
    this.#named.set(tracker, []);
    return (origins) => {
      this.#named.set(
        tracker,
        origins.flatMap((text) => asPageOrigin(text) ?? []),
      );
    };
  }

  /** @param origin as a browser sends it; `null` and the empty one are nobody's */
  accepts(origin: string): boolean {
    if (this.#ownersOwn.has(origin)) return true;
    return [...this.#named].some(
      ([tracker, origins]) => new URL(tracker).origin === origin || origins.includes(origin),
    );
  }
}
