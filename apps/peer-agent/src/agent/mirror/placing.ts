/**
 * How a complete copy takes its name in the downloads folder, and what it replaces there: an older copy of that name, if it
 * is still what was downloaded. The older one steps aside first, by a rename as well, and is removed last: whenever the
 * process is killed, each of both stands whole in one of two places, and the next run goes on.
 */
import type { Log } from '@shoal/engine';
import { reportError, ShoalError, type InfoHash } from '@shoal/protocol';
import { safeText } from '../../drawing/safe-text.ts';
import type { Copies, Copy } from './copies.ts';
import type { MirrorFolder } from './mirror-folder.ts';
import { isNewer } from './listings.ts';

/** What gives copies their places. */
export interface PlacingParts {
  readonly copies: Copies;
  readonly folder: MirrorFolder;
  readonly log: Log;
}

export class Placing {
  readonly #parts: PlacingParts;
  readonly #said = new Set<InfoHash>();

  constructor(parts: PlacingParts) {
    this.#parts = parts;
  }

  /** Gives every complete copy its place, if it can have it. */
  async placeAll(): Promise<void> {
    const { copies, folder } = this.#parts;
    const waitingOf = new Map<string, Copy[]>();
    for (const copy of copies.list()) {
      if (!folder.isIncoming(copy.share.path) || !copy.isComplete) continue;
      const { name } = copy.share.metainfo.info;
      waitingOf.set(name, [...(waitingOf.get(name) ?? []), copy]);
    }
    await Promise.all([...waitingOf.values()].map((waiting) => this.#placeNewest(waiting)));
  }

  /** Of copies with one name the newest gets it, the others are of no use any more. */
  async #placeNewest(waiting: Copy[]): Promise<void> {
    const [newest, ...others] = waiting.sort((a, b) => (isNewer(a.version, b.version) ? -1 : 1));
    if (newest !== undefined) await this.#place(newest);
    for (const copy of others) await this.#parts.copies.drop(copy);
  }

  async #place(copy: Copy): Promise<void> {
    const { copies, folder } = this.#parts;
    const { metainfo } = copy.share;
    const target = folder.targetOf(metainfo.info.name);
    const older = copies.at(target);
    if (older !== undefined && isNewer(older.version, copy.version)) {
      await copies.drop(copy);
      return;
    }
    try {
      if (await folder.isTaken(target)) {
        if (older === undefined) throw this.#taken(target, 'is not from this mirror');
        if (!(await copies.isUnchanged(older.share))) throw this.#taken(target, 'was changed after it was downloaded');
        await copies.move(older.share, folder.waitingOf(older.share.metainfo));
      }
      await copies.move(copy.share, target);
    } catch (error) {
      this.#say(copy, error);
      return;
    }
    await folder.clear(metainfo.infoHash);
    if (older !== undefined) await this.#removeOlder(older, copy);
  }

  async #removeOlder(older: Copy, { share }: Copy): Promise<void> {
    const { info, infoHash } = share.metainfo;
    await this.#parts.copies.drop(older);
    this.#parts.log.info(
      { event: 'replaced', infoHash, name: info.name, path: share.path },
      `replaced ${safeText(info.name)} by the newer one of that name`,
    );
  }

  #taken(target: string, reason: string): ShoalError {
    return new ShoalError('target-exists', `placing a mirrored share at ${target}: what stands there ${reason}`);
  }

  #say({ share }: Copy, error: unknown): void {
    const { infoHash } = share.metainfo;
    const { code, message } = reportError(error);
    if (this.#said.has(infoHash)) return;
    this.#said.add(infoHash);
    this.#parts.log.warn({ infoHash, code }, `${message}; it is served from ${share.path} until that place is free`);
  }
}
