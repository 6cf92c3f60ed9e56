/**
 * Keeps a copy of whatever the tracker lists under the names that are wanted: of each name the newest share that somebody
 * seeds. Each step leaves the disk and the records so that the next round, also of the next run, goes on from there.
 */
import type { TrackerClient } from '@shoal/client';
import type { Clock, Log } from '@shoal/engine';
import { normaliseTrackerUrl, reportError, type ErrorReport, type InfoHash, type Metainfo } from '@shoal/protocol';
import type { HeldShare } from '../held-share.ts';
import { safeText } from '../../drawing/safe-text.ts';
import { drawBytes, drawCount } from '../../drawing/units.ts';
import { isNewer, type Listing, type Listings } from './listings.ts';
import type { MirrorFolder } from './mirror-folder.ts';
import type { Copies, Copy } from './copies.ts';
import type { Placing } from './placing.ts';

/** What a mirror is made of. */
export interface MirrorParts {
  readonly tracker: Pick<TrackerClient, 'url' | 'get'>;
  readonly listings: Listings;
  readonly copies: Copies;
  readonly placing: Placing;
  readonly folder: MirrorFolder;
  /** Names under which this agent itself shares something. */
  readonly ownNames: () => ReadonlySet<string>;
  readonly clock: Pick<Clock, 'now'>;
  readonly log: Log;
  /** Told what is wrong with the tracker each time it is asked; undefined when nothing is. */
  readonly onTracker: (problem: ErrorReport | undefined) => void;
}

/** Downloads that move at the same time; the rest waits. */
const DOWNLOADS_AT_ONCE = 8;
/** So many small ones have the place of one: it is the tracker and the disk that they wait for, not the line. */
const SMALL_ONES_A_PLACE = 8;
const SMALL_BYTES = 1024 * 1024;
/** A download that nobody has served for so long leaves its place to others, and goes on beside them. */
const PATIENCE_MS = 30_000;
/** What failed rests so long. */
const REST_MS = 30_000;
/** How often the tracker is asked without having said that there is news, how soon again when it did not answer, … */
const NEWS_MS = 30_000;
const RETRY_MS = 1_800;
/** … and how often for everything. */
const FULL_WALK_MS = 60_000;

const TRACKER_PROBLEMS = new Set(['tracker-unreachable', 'timed-out', 'tracker-refused']);

export class Mirror {
  readonly #parts: MirrorParts;
  /** What was held once: when it is not any more, a person removed it. */
  readonly #taken = new Set<InfoHash>();
  readonly #restUntilMs = new Map<InfoHash, number>();
  readonly #movedMs = new Map<InfoHash, number>();
  readonly #said = new Map<InfoHash, string>();
  #newsDueMs = -Infinity;
  #walkDueMs = -Infinity;
  #isTidy = false;

  constructor(parts: MirrorParts) {
    this.#parts = parts;
  }

  /** The tracker says that there is news: the next round asks for it. */
  expectNews(): void {
    this.#newsDueMs = -Infinity;
  }

  /** One round. Returns whether something moves, so that the next round should come soon. */
  async round(signal: AbortSignal): Promise<boolean> {
    const { copies, placing } = this.#parts;
    await this.#mend(copies.list());
    await placing.placeAll();
    let moving = this.#placesTaken(copies.list());
    try {
      await this.#read(signal);
      moving += await this.#begin(DOWNLOADS_AT_ONCE - moving, signal);
    } catch (error) {
      const report = reportError(error);
      if (!TRACKER_PROBLEMS.has(report.code)) throw error;
      this.#newsDueMs = this.#parts.clock.now() + RETRY_MS;
      this.#parts.onTracker(report);
    }
    return moving > 0;
  }

  async #read(signal: AbortSignal): Promise<void> {
    const { listings, clock, folder, copies, onTracker } = this.#parts;
    const nowMs = clock.now();
    if (nowMs < this.#newsDueMs) return;
    this.#newsDueMs = nowMs + NEWS_MS;
    if (nowMs >= this.#walkDueMs) {
      await listings.readAll(signal);
      this.#walkDueMs = nowMs + FULL_WALK_MS;
    } else await listings.readNews(signal);
    onTracker(undefined);
    if (this.#isTidy) return;
    const listed = new Set(listings.newest().map(({ infoHash }) => infoHash));
    await folder.tidy((infoHash) => {
      const copy = copies.get(infoHash);
      return copy === undefined ? listed.has(infoHash) : folder.isIncoming(copy.path);
    });
    this.#isTidy = true;
  }

  /** What failed is tried again after a while: an unfinished download goes on, what was lost is downloaded again. */
  async #mend(copies: readonly Copy[]): Promise<void> {
    const nowMs = this.#parts.clock.now();
    for (const { share, state } of copies) {
      const { infoHash } = share.metainfo;
      this.#taken.add(infoHash);
      if (this.#isResting(infoHash, nowMs)) continue;
      if (state !== 'failed') this.#restUntilMs.delete(infoHash);
      // What the disk does not take is for a while offered to it again by the engine itself.
      else if (share.fingerprint === undefined && !this.#restUntilMs.has(infoHash)) this.#rest(infoHash);
      else await this.#reopen(share);
    }
  }

  async #reopen(share: HeldShare): Promise<void> {
    const { infoHash } = share.metainfo;
    try {
      if ((await this.#parts.copies.reopen(share)) === 'goes-on') this.#rest(infoHash);
      else {
        this.#taken.delete(infoHash);
        this.#restUntilMs.delete(infoHash);
      }
    } catch (error) {
      // It was let go of, and is begun anew from what is on disk.
      this.#taken.delete(infoHash);
      this.#failed(infoHash, error);
    }
  }

  /** Begins as many downloads as there is room for. Returns what they take of it. */
  async #begin(room: number, signal: AbortSignal): Promise<number> {
    const chosen = room > 0 ? await this.#choose(room) : [];
    const begun = await Promise.allSettled(chosen.map((listing) => this.#download(listing, signal)));
    for (const outcome of begun) if (outcome.status === 'rejected') throw outcome.reason;
    return sumOf(chosen.map(placesOf));
  }

  async #choose(room: number): Promise<Listing[]> {
    const { listings, copies, clock, ownNames } = this.#parts;
    const held = copies.list();
    const situation = { nowMs: clock.now(), newestOf: newestByName(held), ownNames: ownNames() };
    const places = new Set(held.map(({ share }) => share.path));
    const chosen: Listing[] = [];
    let left = room;
    for (const listing of listings.newest()) {
      if (left < 1 / SMALL_ONES_A_PLACE) break;
      if (placesOf(listing) > left || !this.#isToBegin(listing, situation)) continue;
      if (await this.#isBlocked(listing, places)) continue;
      chosen.push(listing);
      left -= placesOf(listing);
    }
    return chosen;
  }

  #isToBegin(listing: Listing, { nowMs, newestOf, ownNames }: Situation): boolean {
    const { infoHash, name } = listing;
    const held = newestOf.get(name);
    if (this.#parts.copies.holds(infoHash) || this.#taken.has(infoHash) || this.#isResting(infoHash, nowMs))
      return false;
    if (held !== undefined && !isNewer(listing, held.version)) return false;
    return !ownNames.has(name);
  }

  /** Something that is not the mirror's own has the name. */
  async #isBlocked({ infoHash, name }: Listing, places: ReadonlySet<string>): Promise<boolean> {
    const { folder } = this.#parts;
    const target = folder.targetOf(name);
    if (places.has(target) || !(await folder.isTaken(target))) return false;
    this.#sayOnce(
      infoHash,
      'target-exists',
      `mirroring ${safeText(name)}: ${safeText(target)} is there already, and not from this mirror`,
    );
    return true;
  }

  async #download(listing: Listing, signal: AbortSignal): Promise<void> {
    const { tracker, copies, log, folder } = this.#parts;
    const { infoHash, name, registeredAt } = listing;
    const metainfo = await tracker.get(infoHash, signal);
    if (metainfo.info.name !== name) {
      this.#sayOnce(
        infoHash,
        'wrong-info-hash',
        `mirroring ${safeText(name)}: the tracker lists it under a name that is not its own`,
      );
      return;
    }
    log.info(
      { event: 'found', infoHash, name, length: listing.length },
      `found ${safeText(name)} at the tracker: ${drawSize(listing)}`,
    );
    try {
      for (const older of copies.unfinishedOf(name)) await copies.drop(older);
      await copies.download(metainfo, {
        path: folder.incomingOf(infoHash),
        trackers: trackersOf(metainfo, tracker.url),
        origin: { kind: 'mirrored', registeredAt },
      });
    } catch (error) {
      this.#failed(infoHash, error);
      return;
    }
    this.#taken.add(infoHash);
  }

  /** How much of the room for downloads those take that move. */
  #placesTaken(held: readonly Copy[]): number {
    const nowMs = this.#parts.clock.now();
    const moving = held.filter(({ share, state }) => {
      const { infoHash } = share.metainfo;
      if (state === 'seeding' || state === 'failed') return false;
      if (state !== 'waiting' || !this.#movedMs.has(infoHash)) this.#movedMs.set(infoHash, nowMs);
      return nowMs - (this.#movedMs.get(infoHash) ?? nowMs) < PATIENCE_MS;
    });
    return sumOf(moving.map(({ share }) => placesOf(share.metainfo.info)));
  }

  #failed(infoHash: InfoHash, error: unknown): void {
    const { code, message } = reportError(error);
    this.#rest(infoHash);
    this.#sayOnce(infoHash, code, message);
  }

  #rest(infoHash: InfoHash): void {
    this.#restUntilMs.set(infoHash, this.#parts.clock.now() + REST_MS);
  }

  #isResting(infoHash: InfoHash, nowMs: number): boolean {
    return nowMs < (this.#restUntilMs.get(infoHash) ?? -Infinity);
  }

  #sayOnce(infoHash: InfoHash, code: string, message: string): void {
    if (this.#said.get(infoHash) === code) return;
    this.#said.set(infoHash, code);
    this.#parts.log.warn({ infoHash, code }, message);
  }
}

interface Situation {
  readonly nowMs: number;
  /** What is held already, also unfinished. */
  readonly newestOf: ReadonlyMap<string, Copy>;
  readonly ownNames: ReadonlySet<string>;
}

function placesOf({ length }: { readonly length: number }): number {
  return length > SMALL_BYTES ? 1 : 1 / SMALL_ONES_A_PLACE;
}

function sumOf(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}

function newestByName(held: readonly Copy[]): Map<string, Copy> {
  const newest = new Map<string, Copy>();
  for (const copy of held) {
    const { name } = copy.share.metainfo.info;
    const other = newest.get(name);
    if (other === undefined || isNewer(copy.version, other.version)) newest.set(name, copy);
  }
  return newest;
}

function trackersOf({ document }: Metainfo, tracker: string): string[] {
  return [...new Set([normaliseTrackerUrl(document.announce), tracker])];
}

function drawSize({ length, fileCount }: Pick<Listing, 'length' | 'fileCount'>): string {
  return `${drawBytes(length)}, ${drawCount(fileCount, 'file')}`;
}
