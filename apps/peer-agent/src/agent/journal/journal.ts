/**
 * The log as a story: what is shared, found, downloaded and withdrawn, and what becomes of the trackers, told from what
 * the agent itself can see. It decides nothing and changes nothing.
 */
import type { Clock, EngineSnapshot, Log } from '@shoal/engine';
import type { ErrorReport, InfoHash } from '@shoal/protocol';
import { drawCount } from '../../drawing/units.ts';
import { stateOf, type HeldShare } from '../held-share.ts';
import { ShareStory, type Line, type ShareMoment } from './share-story.ts';

/** What a journal is written from, and to. */
export interface JournalParts {
  readonly shares: () => readonly HeldShare[];
  readonly snapshot: () => Pick<EngineSnapshot, 'swarms' | 'trackers'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
}

/** Lines on how far something is, in one look: many downloads take turns. */
const PROGRESS_LINES = 3;

export class Journal {
  readonly #parts: JournalParts;
  readonly #stories = new Map<InfoHash, ShareStory>();
  /** What is wrong with a tracker, as its session sees it and as whoever asks it does. */
  readonly #lost = new Map<string, Set<'session' | 'call'>>();
  #isFirst = true;

  constructor(parts: JournalParts) {
    this.#parts = parts;
  }

  /** Looks at everything and writes what is new; called about once a second. */
  look(): void {
    const { swarms, trackers } = this.#parts.snapshot();
    const nowMs = this.#parts.clock.now();
    const shares = this.#parts.shares();
    const swarmOf = new Map(swarms.map((swarm) => [swarm.infoHash, swarm]));
    const waiting: [ShareStory, Line][] = [];
    for (const share of shares) {
      const swarm = swarmOf.get(share.metainfo.infoHash);
      // It is being opened, or could not be: then there is no story yet.
      if (swarm === undefined && !this.#stories.has(share.metainfo.infoHash)) continue;
      const moment = { state: stateOf(share, swarm), swarm, nowMs };
      const story = this.#tell(share, moment);
      const line = story.progress(moment);
      if (line !== undefined) waiting.push([story, line]);
    }
    this.#tellProgress(waiting, nowMs);
    this.#endThoseGone(shares);
    for (const { url, problem } of trackers) this.tellTracker(url, 'session', problem);
    if (this.#isFirst && shares.length > 0) this.#tellRestored(shares.length);
    this.#isFirst = false;
  }

  /** Tells when a tracker is lost and when it is back, whoever finds it out. */
  tellTracker(url: string, by: 'session' | 'call', problem: ErrorReport | undefined): void {
    const lostBy = this.#lost.get(url) ?? new Set();
    this.#lost.set(url, lostBy);
    const wasLost = lostBy.size > 0;
    if (problem === undefined) lostBy.delete(by);
    else lostBy.add(by);
    const isLost = lostBy.size > 0;
    if (isLost && !wasLost && problem !== undefined) {
      const fields = { event: 'tracker-lost', tracker: url, code: problem.code };
      this.#parts.log.warn(fields, `cannot reach the tracker ${url}: ${problem.message}; it is tried again`);
    }
    if (wasLost && !isLost) {
      this.#parts.log.info({ event: 'tracker-back', tracker: url }, `the tracker ${url} is there again`);
    }
  }

  #tell(share: HeldShare, moment: ShareMoment): ShareStory {
    const { infoHash } = share.metainfo;
    const known = this.#stories.get(infoHash);
    const story = known ?? new ShareStory(share, moment);
    this.#stories.set(infoHash, story);
    if (known === undefined && !this.#isFirst) this.#write(story.begin(moment));
    const line = story.turn(moment);
    if (line !== undefined) this.#write(line);
    return story;
  }

  /** Who has waited longest comes first. */
  #tellProgress(waiting: [ShareStory, Line][], nowMs: number): void {
    waiting.sort(([a], [b]) => a.progressMs - b.progressMs);
    for (const [story, line] of waiting.slice(0, PROGRESS_LINES)) {
      this.#write(line);
      story.progressSaid(nowMs);
    }
  }

  #endThoseGone(shares: readonly HeldShare[]): void {
    const held = new Set(shares.map(({ metainfo }) => metainfo.infoHash));
    for (const [infoHash, story] of this.#stories) {
      if (held.has(infoHash)) continue;
      this.#stories.delete(infoHash);
      this.#write(story.end());
    }
  }

  #tellRestored(count: number): void {
    this.#parts.log.info({ event: 'restored', shares: count }, `goes on with ${drawCount(count, 'share')} from before`);
  }

  #write({ level, fields, message }: Line): void {
    this.#parts.log[level](fields, message);
  }
}
