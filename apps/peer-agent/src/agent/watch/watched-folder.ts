/**
 * One watched folder: what stands in it is shared, what changes is shared anew, what vanishes is withdrawn. It withdraws
 * only what it can see to be gone: a folder that cannot be read, or an empty one that is not the one it was, tells nothing.
 * It hashes nothing by itself: whoever runs it asks for what is ready, one at a time.
 */
import { dirname, join } from 'node:path';
import type { Log } from '@shoal/engine';
import type { ShareLook } from '@shoal/engine/node';
import { reportError, ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';
import { isUnchanged, type HeldShare } from '../held-share.ts';
import { safeText } from '../../drawing/safe-text.ts';
import type { Wanted } from '../holdings.ts';
import { isShareName, lookIntoFolder, type FolderLook } from './share-folder.ts';
import { QUIET_MS, WatchedEntry } from './watched-entry.ts';

/** What is asked of the agent. */
interface Shelf {
  list(): readonly HeldShare[];
  /** Shares that cannot go on. */
  failed(): ReadonlySet<InfoHash>;
  hold(wanted: Wanted): Promise<void>;
  remove(infoHash: InfoHash): Promise<void>;
}

/** What a watched folder is made of. */
export interface WatchedFolderParts {
  readonly path: string;
  /** Where the shares are registered. */
  readonly tracker: string;
  readonly shelf: Shelf;
  readonly log: Log;
  /** Looks without reading. */
  readonly look: (path: string, signal: AbortSignal) => Promise<ShareLook>;
  /** Reads everything. */
  readonly hash: (path: string, signal: AbortSignal) => Promise<Metainfo>;
  /** The same share with another tracker. */
  readonly withTracker: (metainfo: Metainfo, tracker: string) => Metainfo;
}

interface Moment {
  readonly nowMs: number;
  readonly signal: AbortSignal;
}

/** Everything is looked at so often, for file systems that send no news. */
const FULL_LOOK_MS = 30_000;
/** A folder that cannot be read is tried again after this. */
const RETRY_MS = 5_000;

/** Problems that show nothing of what has become of the data. */
const BLIND = new Set(['unreadable', 'storage-failed', 'too-many-files']);

export class WatchedFolder {
  readonly #parts: WatchedFolderParts;
  readonly #entries = new Map<string, WatchedEntry>();
  #nextFullLookMs = 0;
  #isListingDue = true;
  #identity: string | undefined;
  #trouble = '';
  /** As it was found by this look, if it is a full one. */
  #failed: ReadonlySet<InfoHash> = new Set();

  constructor(parts: WatchedFolderParts) {
    this.#parts = parts;
  }

  get path(): string {
    return this.#parts.path;
  }

  /** Names that stand in the folder. */
  get names(): Iterable<string> {
    return this.#entries.keys();
  }

  /** There is news of an entry, or of anything in the folder when the name is empty. */
  changed(name: string, nowMs: number): void {
    if (!isShareName(name)) return;
    if (name === '') this.#nextFullLookMs = nowMs;
    this.#isListingDue = true;
    this.#entries.get(name)?.suspect(nowMs);
  }

  /** Looks at what is due. */
  async look(nowMs: number, signal: AbortSignal): Promise<void> {
    const isFull = nowMs >= this.#nextFullLookMs;
    this.#failed = isFull ? this.#parts.shelf.failed() : new Set();
    if (isFull || this.#isListingDue) await this.#list(nowMs, isFull);
    const due = [...this.#entries.values()].filter((entry) => entry.nextLookMs <= nowMs);
    if (due.length === 0) return;
    const heldAt = new Map(this.#parts.shelf.list().map((share) => [share.path, share]));
    for (const entry of due) {
      if (!signal.aborted) await this.#lookAt(entry, heldAt.get(entry.path), { nowMs, signal });
    }
  }

  /** An entry that is quiet and waits to be hashed. */
  get ready(): WatchedEntry | undefined {
    return [...this.#entries.values()].find((entry) => entry.isReady);
  }

  /** Hashes an entry and shares it. */
  async share(entry: WatchedEntry, now: () => number, signal: AbortSignal): Promise<void> {
    const { key, path, name } = entry;
    entry.isReady = false;
    this.#parts.log.info({ event: 'hashing', path, name }, `hashing ${safeText(name)}`);
    try {
      const metainfo = await this.#parts.hash(path, signal);
      // Bytes that came after it was read are not what was hashed: whoever got them would ban us.
      const { key: keyNow } = await this.#parts.look(path, signal);
      if (keyNow === key && entry.key === key) await this.#hold(entry, metainfo);
      else entry.suspect(now());
    } catch (error) {
      if (signal.aborted) return;
      this.#couldNotShare(entry, error, now());
    }
  }

  async #list(nowMs: number, isFull: boolean): Promise<void> {
    this.#isListingDue = false;
    const found = await this.#read(nowMs);
    if (found === undefined) return;
    if (isFull) this.#nextFullLookMs = nowMs + FULL_LOOK_MS;
    const names = new Set(found.names);
    for (const name of this.#entries.keys()) if (!names.has(name)) this.#entries.delete(name);
    for (const name of names) {
      const entry = this.#entries.get(name) ?? new WatchedEntry(name, join(this.path, name));
      this.#entries.set(name, entry);
      if (isFull) entry.suspect(nowMs);
    }
    for (const share of this.#sharesHere()) {
      if (!names.has(share.metainfo.info.name)) await this.#parts.shelf.remove(share.metainfo.infoHash);
    }
  }

  /** Undefined when the folder shows nothing that could be believed. */
  async #read(nowMs: number): Promise<FolderLook | undefined> {
    const { path, log } = this.#parts;
    try {
      const found = await lookIntoFolder(path);
      this.#refuseAnother(found);
      if (this.#trouble !== '') log.info({ path }, `watching ${path} again`);
      this.#trouble = '';
      if (found.names.length > 0) this.#identity = found.identity;
      return found;
    } catch (error) {
      this.#nextFullLookMs = nowMs + RETRY_MS;
      const { code, message } = reportError(error);
      if (this.#trouble !== message) log.warn({ path, code }, `${message}; it is tried again, nothing is withdrawn`);
      this.#trouble = message;
      return undefined;
    }
  }

  /** An empty folder where another one was is what a failed mount looks like. */
  #refuseAnother({ names, identity }: FolderLook): void {
    if (names.length > 0) return;
    const isAnother = this.#sharesHere().some(({ origin }) => {
      const known = this.#identity ?? (origin.kind === 'watched' ? origin.folder : identity);
      return known !== identity;
    });
    if (!isAnother) return;
    const reason = 'it is empty, and not the folder that it was; perhaps it is not mounted';
    throw new ShoalError('not-found', `watching ${this.path}: ${reason}`);
  }

  async #lookAt(entry: WatchedEntry, held: HeldShare | undefined, { nowMs, signal }: Moment): Promise<void> {
    entry.beginLook();
    const look = await this.#seen(entry, signal);
    if (look === undefined) return;
    const isQuiet = entry.looked(look instanceof ShoalError ? `${look.code} ${look.message}` : look.key, nowMs);
    if (entry.isDecided) await this.#revisit(entry, held);
    else if (held === undefined || !(await this.#keep(entry, held, look))) {
      if (isQuiet) this.#settle(entry, look);
    }
  }

  /** Leaves what somebody else holds here, and what an earlier run hashed and nobody has changed; withdraws the rest. */
  async #keep(entry: WatchedEntry, held: HeldShare, look: ShareLook | ShoalError): Promise<boolean> {
    const isOurs = held.origin.kind === 'watched';
    const isAsBefore = entry.isNew && !(look instanceof ShoalError) && isUnchanged(held, look);
    if (!isOurs) entry.decide();
    else if (isAsBefore) await this.#takeUp(entry, held);
    else await this.#parts.shelf.remove(held.metainfo.infoHash);
    return !isOurs || isAsBefore;
  }

  /** What can be seen of an entry, or why it cannot be shared; undefined when nothing can be seen now. */
  async #seen(entry: WatchedEntry, signal: AbortSignal): Promise<ShareLook | ShoalError | undefined> {
    try {
      return await this.#parts.look(entry.path, signal);
    } catch (error) {
      if (signal.aborted) return undefined;
      if (!(error instanceof ShoalError)) throw error;
      if (!BLIND.has(error.code)) return error;
      this.#say(entry, error);
      return undefined;
    }
  }

  /** What was decided on is not hashed again; but what went wrong with it may be right now. */
  async #revisit(entry: WatchedEntry, held: HeldShare | undefined): Promise<void> {
    const { unheld } = entry;
    const isFailed = held !== undefined && this.#failed.has(held.metainfo.infoHash);
    if (isFailed && held.origin.kind === 'watched') await this.#takeUp(entry, held);
    else if (held === undefined && unheld !== undefined) await this.#hold(entry, unheld);
  }

  /** Goes on with what an earlier run of the agent hashed. */
  async #takeUp(entry: WatchedEntry, held: HeldShare): Promise<void> {
    const { tracker, shelf, withTracker } = this.#parts;
    const { metainfo, trackers } = held;
    const isWell = held.problem === undefined && !this.#failed.has(metainfo.infoHash);
    entry.decide();
    if (isWell && trackers.includes(tracker)) return;
    await shelf.remove(metainfo.infoHash);
    await this.#hold(entry, trackers.includes(tracker) ? metainfo : withTracker(metainfo, tracker));
  }

  #settle(entry: WatchedEntry, look: ShareLook | ShoalError): void {
    if (!(look instanceof ShoalError)) entry.isReady = true;
    // Something in it went away between two looks; the listing shows whether all of it did.
    else if (look.code === 'not-found') this.#isListingDue = true;
    else {
      entry.decide();
      this.#say(entry, look);
    }
  }

  async #hold(entry: WatchedEntry, metainfo: Metainfo): Promise<void> {
    const { tracker, shelf } = this.#parts;
    const origin = { kind: 'watched', folder: this.#identity ?? '' } as const;
    entry.decide();
    entry.unheld = metainfo;
    try {
      await shelf.hold({ metainfo, path: entry.path, trackers: [tracker], origin });
      entry.unheld = undefined;
    } catch (error) {
      this.#say(entry, error);
    }
  }

  #couldNotShare(entry: WatchedEntry, error: unknown, nowMs: number): void {
    const { code } = reportError(error);
    if (code === 'changed-while-read' || code === 'not-found') entry.suspect(nowMs + QUIET_MS);
    else this.#say(entry, error);
  }

  #say(entry: WatchedEntry, error: unknown): void {
    const report = reportError(error);
    if (!entry.isNews(report)) return;
    this.#parts.log.warn({ path: entry.path, code: report.code }, `${report.message}; it is left out`);
  }

  #sharesHere(): HeldShare[] {
    const isHere = ({ origin, path }: HeldShare): boolean => origin.kind === 'watched' && dirname(path) === this.path;
    return this.#parts.shelf.list().filter(isHere);
  }
}
