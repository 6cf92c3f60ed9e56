/**
 * Which shares an agent holds: opens them, gives them to the engine, and remembers them where there is a memory. A share
 * that cannot go on stays in the list with its problem until somebody removes it or asks for it again.
 */
import { resolve } from 'node:path';
import type { Engine, Log, PieceStore } from '@shoal/engine';
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
import type { ShareRecord, ShareRecords } from './share-records.ts';

/** What the agent needs of the disk; every failure is a ShoalError. */
export interface ShareDisk {
  /** Opens complete data without hashing it. */
  openShare(metainfo: Metainfo, path: string): Promise<PieceStore>;
  /** Opens or begins a download, with the pieces that are there already. */
  openDownload(metainfo: Metainfo, folder: string): Promise<{ readonly store: PieceStore; readonly have: Bitfield }>;
  /** Tells cheaply whether the data is still the same. */
  fingerprint(metainfo: Metainfo, path: string): Promise<string>;
  /** Hashes the data; rejects with `content-mismatch` when it is not what the metainfo says. */
  check(metainfo: Metainfo, path: string): Promise<void>;
}

/** What holdings are made of. */
export interface HoldingsParts {
  readonly engine: Pick<Engine, 'add' | 'remove' | 'whenFinished'>;
  readonly disk: ShareDisk;
  readonly log: Log;
  /** Absent for a peer that is forgotten when it ends. */
  readonly records?: ShareRecords;
}

export class Holdings {
  readonly #parts: HoldingsParts;
  readonly #held = new Map<InfoHash, HeldShare>();

  constructor(parts: HoldingsParts) {
    this.#parts = parts;
  }

  /** All shares, in the order in which they came. */
  list(): readonly HeldShare[] {
    return [...this.#held.values()];
  }

  /** Holds complete data; a share that is held there already stays as it is. Throws `already-here` also. */
  async addShare(metainfo: Metainfo, path: string, trackers: readonly string[]): Promise<HeldShare> {
    const share: HeldShare = { metainfo, path: resolve(path), trackers };
    return this.#admit(share, () => this.#openComplete(share, { isRemembered: false }));
  }

  /** Starts or resumes a download; a share that is held there already stays as it is. Throws `already-here` also. */
  async addDownload(metainfo: Metainfo, folder: string, trackers: readonly string[]): Promise<HeldShare> {
    const share: HeldShare = { metainfo, path: resolve(folder, metainfo.info.name), trackers };
    return this.#admit(share, () => this.#openUnfinished(share, resolve(folder)));
  }

  /** Lets go of a share and forgets it; what is on disk stays. Returns whether it was there. */
  async remove(infoHash: InfoHash): Promise<boolean> {
    if (!this.#held.delete(infoHash)) return false;
    await this.#parts.engine.remove(infoHash);
    await this.#parts.records?.delete(infoHash);
    return true;
  }

  /** From now on nothing is remembered and no failure noted: the engine is about to stop. */
  letGo(): void {
    this.#held.clear();
  }

  /**
   * Takes up what was remembered. Unchanged data is not hashed again; changed data is, and is held only if it is the
   * same after all.
   * @returns the complete shares that are held again
   */
  async restore(): Promise<readonly HeldShare[]> {
    const { records, log } = this.#parts;
    if (records === undefined) return [];
    const { records: remembered, damaged } = await records.load();
    for (const report of damaged) log.error({ code: report.code }, report.message);
    const restored: HeldShare[] = [];
    for (const record of remembered) {
      const share = await this.#restoreOne(record);
      if (share !== undefined) restored.push(share);
    }
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
    const { metainfo, trackers } = share;
    const { store, have } = await this.#parts.disk.openDownload(metainfo, folder);
    const document = encodeMetainfo(metainfo);
    await this.#parts.records?.save(metainfo.infoHash, { version: 1, kind: 'download', document, folder, trackers });
    await this.#giveToEngine(share, store, have);
    this.#rememberWhenFinished(share);
  }

  /** Unless the share was removed while it was being opened. */
  async #giveToEngine(share: HeldShare, store: PieceStore, have: Bitfield): Promise<void> {
    const { metainfo, trackers } = share;
    if (!this.#isHeld(share)) {
      await store.close();
      throw new ShoalError('unknown-share', `opening ${share.path}: it was removed meanwhile`);
    }
    this.#parts.engine.add({ metainfo, store, have, trackers });
  }

  #rememberWhenFinished(share: HeldShare): void {
    const { infoHash, info } = share.metainfo;
    const remembered = this.#parts.engine.whenFinished(infoHash).then(async () => {
      if (!this.#isHeld(share)) return;
      this.#parts.log.info({ infoHash, path: share.path }, `${info.name} is complete and verified`);
      await this.#remember(share);
    });
    remembered.catch((error: unknown) => {
      this.#fail(share, error);
    });
  }

  async #remember(share: HeldShare): Promise<void> {
    const { records, disk } = this.#parts;
    if (records === undefined) return;
    const { metainfo, path, trackers } = share;
    const fingerprint = await disk.fingerprint(metainfo, path);
    const document = encodeMetainfo(metainfo);
    await records.save(metainfo.infoHash, { version: 1, kind: 'share', document, path, trackers, fingerprint });
  }

  async #restoreOne(record: ShareRecord): Promise<HeldShare | undefined> {
    const metainfo = this.#parseRemembered(record);
    if (metainfo === undefined || this.#held.has(metainfo.infoHash)) return undefined;
    const path = record.kind === 'share' ? record.path : resolve(record.folder, metainfo.info.name);
    const share: HeldShare = { metainfo, path, trackers: record.trackers };
    this.#held.set(metainfo.infoHash, share);
    try {
      if (record.kind === 'download') await this.#openUnfinished(share, record.folder);
      else await this.#reopen(share, record.fingerprint);
    } catch (error) {
      this.#fail(share, error);
      return undefined;
    }
    return record.kind === 'share' ? share : undefined;
  }

  async #reopen(share: HeldShare, fingerprint: string): Promise<void> {
    const { disk } = this.#parts;
    const isSame = (await disk.fingerprint(share.metainfo, share.path)) === fingerprint;
    if (!isSame) await disk.check(share.metainfo, share.path);
    await this.#openComplete(share, { isRemembered: isSame });
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
    const { infoHash } = share.metainfo;
    this.#parts.log.error({ infoHash, code: share.problem.code, err: error }, share.problem.message);
  }

  #isHeld(share: HeldShare): boolean {
    return this.#held.get(share.metainfo.infoHash) === share;
  }
}
