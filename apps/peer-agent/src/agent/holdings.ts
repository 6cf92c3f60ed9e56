/**
 * Which shares an agent holds: opens them, gives them to the engine, and remembers them where there is a memory. A share
 * that cannot go on stays in the list with its problem until somebody removes it or asks for it again.
 */
import { resolve } from 'node:path';
import type { Clock, Engine, Log, PieceStore } from '@shoal/engine';
import {
  Bitfield,
  encodeMetainfo,
  parseMetainfo,
  reportError,
  ShoalError,
  type InfoHash,
  type Metainfo,
} from '@shoal/protocol';
import type { HeldShare } from './held-share.ts';
import { MovableStore } from './movable-store.ts';
import type { ShareDisk } from './share-disk.ts';
import type { Origin, ShareRecord, ShareRecords } from './share-records.ts';

/** What holdings are made of. */
export interface HoldingsParts {
  readonly engine: Pick<Engine, 'add' | 'remove' | 'whenFinished'>;
  readonly disk: ShareDisk;
  readonly log: Log;
  readonly clock: Pick<Clock, 'now'>;
  /** Absent for a peer that is forgotten when it ends. */
  readonly records?: ShareRecords;
}

/** What to hold: what it is, where it stands, who is asked for it, and who wants it. */
export interface Wanted {
  readonly metainfo: Metainfo;
  /** Of complete data the file or folder itself, of a download the folder that it comes into. */
  readonly path: string;
  readonly trackers: readonly string[];
  readonly origin: Origin;
}

/** Complete data as it is remembered. */
type CompleteRecord = Extract<ShareRecord, { kind: 'share' }>;

export class Holdings {
  readonly #parts: HoldingsParts;
  readonly #held = new Map<InfoHash, HeldShare>();
  readonly #stores = new WeakMap<HeldShare, MovableStore>();
  /** What was recalled and waits to be opened. */
  readonly #unopened: (readonly [HeldShare, ShareRecord])[] = [];
  #recalled: Promise<void> | undefined;
  #isLetGo = false;

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  /** All shares, in the order in which they came. */
  list(): readonly HeldShare[] {
    return [...this.#held.values()];
  }

  get(infoHash: InfoHash): HeldShare | undefined {
    return this.#held.get(infoHash);
  }

  /** Holds complete data; a share that is held there already stays as it is. Throws `already-here` also. */
  async addShare({ path, ...wanted }: Wanted): Promise<HeldShare> {
    const share: HeldShare = { ...wanted, path: resolve(path) };
    return this.#admit(share, () => this.#openComplete(share, { isRemembered: false }));
  }

  /** Starts or resumes a download; a share that is held there already stays as it is. Throws `already-here` also. */
  async addDownload({ path, ...wanted }: Wanted): Promise<HeldShare> {
    const share: HeldShare = { ...wanted, path: resolve(path, wanted.metainfo.info.name) };
    return this.#admit(share, () => this.#openUnfinished(share, resolve(path)));
  }

  /**
   * Lets go of a share and forgets it; what is on disk stays. Returns whether it was there. Throws `disk-full` and
   * `storage-failed` also, when the last of a download could not be made durable; it is forgotten all the same.
   */
  async remove(infoHash: InfoHash): Promise<boolean> {
    if (!this.#held.delete(infoHash)) return false;
    try {
      await this.#parts.engine.remove(infoHash);
    } finally {
      await this.#parts.records?.delete(infoHash);
    }
    return true;
  }

  /**
   * Gives complete data another place on the same file system while it is being served, and replaces nothing there. After
   * a kill on the way `restore` goes on from wherever the data stands.
   * @throws ShoalError `target-exists`, `storage-failed`
   */
  async move(share: HeldShare, to: string): Promise<void> {
    const { metainfo, path: from } = share;
    const { disk } = this.#parts;
    const store = this.#stores.get(share);
    if (store === undefined) throw new Error('invariant: only complete data that is open is moved');
    await this.#save(share, { movesTo: to });
    const move = async (): Promise<void> => {
      await disk.move(metainfo, from, to);
      share.path = to;
    };
    await store.relocate(move, () => disk.openShare(metainfo, share.path));
    await this.#save(share);
  }

  /** From now on nothing is remembered and no failure noted: the engine is about to stop. */
  letGo(): void {
    this.#isLetGo = true;
    this.#held.clear();
  }

  /**
   * Holds all that was remembered, without opening any of it: whoever asks from now on finds it, and can remove it.
   * @throws ShoalError `state-damaged`
   */
  recall(): Promise<void> {
    return (this.#recalled ??= this.#recall());
  }

  /**
   * Opens what was remembered. Unchanged data is not hashed again; changed data is, and is held only if it is the same
   * after all.
   * @returns the complete shares that are held again
   */
  async restore(): Promise<readonly HeldShare[]> {
    await this.recall();
    const restored: HeldShare[] = [];
    for (const [share, record] of this.#unopened.splice(0))
      if (this.#isHeld(share) && (await this.#restoreOne(share, record))) restored.push(share);
    return restored;
  }

  /** Opens a share that somebody asks for now: when that fails, it was never there. */
  async #admit(share: HeldShare, open: () => Promise<void>): Promise<HeldShare> {
    const { infoHash, info } = share.metainfo;
    const existing = this.#held.get(infoHash);
    if (existing !== undefined && existing.problem === undefined) {
      if (existing.path === share.path) return existing;
      throw new ShoalError('already-here', `putting ${info.name} at ${share.path}: it is at ${existing.path} already`);
    }
    this.#held.set(infoHash, share);
    try {
      await this.#parts.engine.remove(infoHash);
      await open();
    } catch (error) {
      if (this.#isHeld(share)) this.#held.delete(infoHash);
      throw error;
    }
    return share;
  }

  async #openComplete(share: HeldShare, { isRemembered }: { isRemembered: boolean }): Promise<void> {
    const { metainfo, path } = share;
    const store = await this.#parts.disk.openShare(metainfo, path);
    if (!isRemembered) await this.#remember(share);
    await this.#giveToEngine(share, store, Bitfield.full(metainfo.layout.pieceCount));
  }

  async #openUnfinished(share: HeldShare, folder: string): Promise<void> {
    const { metainfo, trackers, origin } = share;
    const { disk, records, clock } = this.#parts;
    share.download = { begunMs: clock.now() };
    const { store, have } = await disk.openDownload(metainfo, folder);
    if (records !== undefined) {
      const document = encodeMetainfo(metainfo);
      await records.save(metainfo.infoHash, { version: 1, kind: 'download', document, folder, trackers, origin });
    }
    await this.#giveToEngine(share, store, have);
    this.#rememberWhenFinished(share);
  }

  /** Unless the share was removed while it was being opened. */
  async #giveToEngine(share: HeldShare, opened: PieceStore, have: Bitfield): Promise<void> {
    const { metainfo, trackers } = share;
    if (!this.#isHeld(share)) {
      await opened.close();
      // Its record may have been written after it was removed.
      if (!this.#held.has(metainfo.infoHash)) await this.#parts.records?.delete(metainfo.infoHash);
      throw new ShoalError('unknown-share', `opening ${share.path}: it was removed meanwhile`);
    }
    const store = new MovableStore(opened);
    this.#stores.set(share, store);
    this.#parts.engine.add({ metainfo, store, have, trackers });
  }

  #rememberWhenFinished(share: HeldShare): void {
    const remembered = this.#parts.engine.whenFinished(share.metainfo.infoHash).then(async () => {
      this.#endDownload(share);
      if (this.#isHeld(share)) await this.#remember(share);
    });
    remembered.catch((error: unknown) => {
      this.#fail(share, error);
    });
  }

  #endDownload(share: HeldShare): void {
    if (share.download !== undefined) share.download = { endedMs: this.#parts.clock.now(), ...share.download };
  }

  async #remember(share: HeldShare): Promise<void> {
    const { records, disk } = this.#parts;
    if (records === undefined) return;
    const fingerprint = await disk.fingerprint(share.metainfo, share.path);
    await this.#save({ ...share, fingerprint });
    // Only now: whoever sees it may change the record.
    share.fingerprint = fingerprint;
  }

  async #save(share: HeldShare, changes: { movesTo?: string } = {}): Promise<void> {
    const { metainfo, path, trackers, origin, fingerprint } = share;
    if (fingerprint === undefined) throw new Error('invariant: complete data is remembered with its fingerprint');
    const document = encodeMetainfo(metainfo);
    const record = { version: 1, kind: 'share', document, path, trackers, fingerprint, origin, ...changes } as const;
    await this.#parts.records?.save(metainfo.infoHash, record);
  }

  async #recall(): Promise<void> {
    const { records, log } = this.#parts;
    if (records === undefined) return;
    const { records: remembered, damaged } = await records.load();
    for (const report of damaged) log.error({ code: report.code }, report.message);
    for (const record of remembered) {
      const metainfo = this.#parseRemembered(record);
      if (metainfo === undefined || this.#isLetGo || this.#held.has(metainfo.infoHash)) continue;
      const path = record.kind === 'share' ? record.path : resolve(record.folder, metainfo.info.name);
      const { trackers, origin } = record;
      const share: HeldShare = { metainfo, path, trackers, origin };
      if (record.kind === 'share') share.fingerprint = record.fingerprint;
      this.#held.set(metainfo.infoHash, share);
      this.#unopened.push([share, record]);
    }
  }

  /** @returns whether complete data is held again */
  async #restoreOne(share: HeldShare, record: ShareRecord): Promise<boolean> {
    try {
      if (record.kind === 'download') await this.#openUnfinished(share, record.folder);
      else await this.#reopen(share, record);
      return record.kind === 'share';
    } catch (error) {
      this.#fail(share, error);
      return false;
    }
  }

  async #reopen(share: HeldShare, record: CompleteRecord): Promise<void> {
    const { metainfo, origin } = share;
    const { disk } = this.#parts;
    share.path = await this.#settleMove(metainfo, record);
    const isSame = (await disk.fingerprint(metainfo, share.path)) === record.fingerprint;
    // Whoever watches a folder hashes what has changed in it anyway.
    if (!isSame && origin.kind === 'watched') throw new ShoalError('content-mismatch', `${share.path} has changed`);
    if (!isSame) await disk.check(metainfo, share.path);
    await this.#openComplete(share, { isRemembered: isSame && record.movesTo === undefined });
  }

  /** Ends a move that was broken off, or leaves everything where it was. Returns where the data is. */
  async #settleMove(metainfo: Metainfo, { path, movesTo, fingerprint }: CompleteRecord): Promise<string> {
    const { disk } = this.#parts;
    if (movesTo === undefined) return path;
    const found = await disk.fingerprint(metainfo, movesTo).catch(() => undefined);
    if (found !== fingerprint) return path;
    await disk.move(metainfo, path, movesTo);
    return movesTo;
  }

  #parseRemembered(record: ShareRecord): Metainfo | undefined {
    const where = record.kind === 'share' ? record.path : record.folder;
    try {
      return parseMetainfo(record.document, `the remembered metainfo of ${where}`);
    } catch (error) {
      const { code, message } = reportError(error);
      this.#parts.log.error({ code }, message);
      return undefined;
    }
  }

  #fail(share: HeldShare, error: unknown): void {
    if (!this.#isHeld(share)) return;
    share.problem = reportError(error);
    this.#endDownload(share);
    const { infoHash } = share.metainfo;
    // What has changed in a watched folder, or is gone from it, is daily life, and told by whoever watches it.
    const level = share.origin.kind === 'watched' ? 'debug' : 'error';
    this.#parts.log[level]({ infoHash, code: share.problem.code, err: error }, share.problem.message);
  }

  #isHeld(share: HeldShare): boolean {
    return this.#held.get(share.metainfo.infoHash) === share;
  }
}
