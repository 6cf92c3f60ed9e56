/**
 * Tells trackers how the agent stands in its swarms, for people who look at the fleet: once a second what has changed while
 * somebody looks, and otherwise only what a transfer came to. It decides nothing, and a share in which nothing happens costs
 * no more than a look at a number.
 */
import type { TrackerSession, Watch } from '@shoal/client';
import type { Clock, Engine } from '@shoal/engine';
import type { InfoHash, SwarmReport } from '@shoal/protocol';
import { FleetAudience } from './fleet-audience.ts';
import type { HeldShare } from './held-share.ts';
import { isSameSight, sightOf, type Sight } from './fleet-sight.ts';

/** What a reporter sees, and when. */
export interface FleetReporterParts {
  readonly shares: () => readonly HeldShare[];
  readonly engine: Pick<Engine, 'eventCount' | 'swarmSnapshot' | 'verifiedPieces'>;
  readonly clock: Pick<Clock, 'now' | 'setTimer'>;
}

const REPORT_MS = 1_000;

export class FleetReporter {
  readonly #parts: FleetReporterParts;
  readonly #audiences = new Map<string, FleetAudience>();
  readonly #sights = new Map<InfoHash, Sight>();
  #cancelTimer: (() => void) | undefined;
  #isStopped = false;

  constructor(parts: FleetReporterParts) {
    this.#parts = parts;
  }

  /** Takes what a tracker wants to be told from now on; undefined when its session is lost. */
  watch(tracker: string, session: Pick<TrackerSession, 'report'>, watch: Watch | undefined): void {
    if (watch === undefined) this.#audiences.delete(tracker);
    else {
      const audience = this.#audiences.get(tracker) ?? new FleetAudience(session);
      audience.watch = watch;
      this.#audiences.set(tracker, audience);
      this.#schedule();
    }
  }

  /** Nothing is told any more. */
  stop(): void {
    this.#isStopped = true;
    this.#audiences.clear();
    this.#cancelTimer?.();
  }

  #schedule(): void {
    if (this.#isStopped) return;
    this.#cancelTimer ??= this.#parts.clock.setTimer(REPORT_MS, () => {
      this.#cancelTimer = undefined;
      if (this.#audiences.size === 0) return;
      this.#report();
      this.#schedule();
    });
  }

  #report(): void {
    const shares = this.#parts.shares();
    const news = new Map<FleetAudience, SwarmReport[]>();
    for (const share of shares) {
      const sight = this.#look(share);
      for (const tracker of share.trackers) {
        const audience = this.#audiences.get(tracker);
        const report = audience?.hear(sight, (infoHash) => this.#parts.engine.verifiedPieces(infoHash));
        if (audience === undefined || report === undefined) continue;
        const reports = news.get(audience) ?? [];
        reports.push(report);
        news.set(audience, reports);
      }
    }
    for (const [audience, reports] of news) audience.session.report(reports);
    this.#forgetThoseGone(shares);
  }

  /** The same object as before when nothing has changed. */
  #look(share: HeldShare): Sight {
    const { engine, clock } = this.#parts;
    const { infoHash } = share.metainfo;
    const before = this.#sights.get(infoHash);
    const eventCount = engine.eventCount(infoHash);
    const isAsBefore = before?.eventCount === eventCount && before?.ownProblem === share.problem && !before?.isMoving;
    if (before !== undefined && isAsBefore) return before;
    const sight = sightOf(share, engine.swarmSnapshot(infoHash), { eventCount, nowMs: clock.now() });
    if (before !== undefined && isSameSight(before, sight)) {
      before.eventCount = eventCount;
      return before;
    }
    this.#sights.set(infoHash, sight);
    return sight;
  }

  #forgetThoseGone(shares: readonly HeldShare[]): void {
    if (this.#sights.size === shares.length) return;
    const held = new Set(shares.map(({ metainfo }) => metainfo.infoHash));
    for (const infoHash of [...this.#sights.keys()]) {
      if (held.has(infoHash)) continue;
      this.#sights.delete(infoHash);
      for (const audience of this.#audiences.values()) audience.forget(infoHash);
    }
  }
}
