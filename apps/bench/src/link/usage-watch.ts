import { resetPeak, usageOf } from '@shoal/testbed';
import type { SideUsage } from './contender.ts';

const LOOK_EVERY_MS = 50;

/** Follows what processes use, until the end is called. */
export class UsageWatch {
  readonly #pids: readonly number[];
  readonly #cpuBeforeMs: number;
  readonly #timer = setInterval(() => {
    this.#look();
  }, LOOK_EVERY_MS);
  #anonymousBytes = 0;
  /** CPU of all together, memory of the one that took most; empty until the end, and where the system does not tell. */
  used: Partial<SideUsage> = {};

  /** @param pids all of one side */
  constructor(pids: readonly number[], since: 'their start' | 'now') {
    this.#pids = pids;
    if (since === 'now') pids.forEach(resetPeak);
    this.#cpuBeforeMs = since === 'now' ? this.#cpuMs() : 0;
    this.#look();
  }

  /** Ends the watch. */
  end(): void {
    clearInterval(this.#timer);
    this.#look();
    const peaks = this.#pids.flatMap((pid) => usageOf(pid)?.peakResidentBytes ?? []);
    if (peaks.length === 0) return;
    this.used = {
      cpuMilliseconds: this.#cpuMs() - this.#cpuBeforeMs,
      peakResidentBytes: Math.max(...peaks),
      peakAnonymousBytes: this.#anonymousBytes,
    };
  }

  #look(): void {
    const now = this.#pids.map((pid) => usageOf(pid)?.anonymousBytes ?? 0);
    this.#anonymousBytes = Math.max(this.#anonymousBytes, ...now);
  }

  #cpuMs(): number {
    return this.#pids.reduce((sum, pid) => sum + (usageOf(pid)?.cpuMilliseconds ?? 0), 0);
  }
}
