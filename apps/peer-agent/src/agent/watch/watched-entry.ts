/**
 * One entry of a watched folder: whether it is quiet, and what has become of it. Whatever can be seen of it without reading
 * is its key: a key that stays the same is quiet, and one that was decided on once is not hashed again.
 */
import type { ErrorReport, Metainfo } from '@shoal/protocol';

/** So long nothing must change before it is hashed: who copies a file writes more often. */
export const QUIET_MS = 1_000;

export class WatchedEntry {
  readonly name: string;
  readonly path: string;
  /** It is quiet, and waits to be hashed. */
  isReady = false;
  /** The next look is due then; `Infinity` while nothing calls for one. */
  nextLookMs = 0;
  /** What was hashed, but could not be held yet: it is held elsewhere, or the disk is full. */
  unheld: Metainfo | undefined;
  #key = '';
  #sinceMs = 0;
  #decidedKey: string | undefined;
  #said = '';

  constructor(name: string, path: string) {
    this.name = name;
    this.path = path;
  }

  get key(): string {
    return this.#key;
  }

  /** Whether it still looks as it did when it was decided what becomes of it. */
  get isDecided(): boolean {
    return this.#decidedKey === this.#key;
  }

  /** Whether nothing was ever decided on it. */
  get isNew(): boolean {
    return this.#decidedKey === undefined;
  }

  /** Something has happened to it, or may have: it is to be looked at then. */
  suspect(atMs: number): void {
    this.nextLookMs = Math.min(this.nextLookMs, atMs);
  }

  /** It is about to be looked at: what happens from now on calls for another look. */
  beginLook(): void {
    this.nextLookMs = Infinity;
  }

  /** Takes in how it looks now. Returns whether it has been quiet for long enough; if not, the next look is due later. */
  looked(key: string, nowMs: number): boolean {
    if (key !== this.#key) {
      this.#key = key;
      this.#sinceMs = nowMs;
      this.isReady = false;
      this.unheld = undefined;
    }
    const isQuiet = nowMs - this.#sinceMs >= QUIET_MS;
    if (!isQuiet) this.suspect(this.#sinceMs + QUIET_MS);
    return isQuiet;
  }

  /** Nothing more is to be done as long as it looks like this. */
  decide(): void {
    this.#decidedKey = this.#key;
    this.isReady = false;
  }

  /** Whether a problem is not the one that was said last. */
  isNews({ code, message }: ErrorReport): boolean {
    const isNews = this.#said !== code + message;
    this.#said = code + message;
    return isNews;
  }
}
