import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { hashShare } from '@shoal/engine/node';
import { createMetainfo, ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';
import { afterEach, beforeEach } from 'vitest';
import type { HeldShare } from '../../../src/agent/held-share.ts';
import type { Wanted } from '../../../src/agent/holdings.ts';
import { lookAtEntry } from '../../../src/agent/watch/share-folder.ts';
import { WatchedFolder } from '../../../src/agent/watch/watched-folder.ts';
import { LogBook } from '../log-book.ts';

const { signal } = new AbortController();
export const TRACKER = 'http://localhost:8000';
export const QUIET_MS = 1_000;

/** A watched folder on a real disk, an agent that only notes what it holds, and time that passes when a test says so. */
export class WatchedWorld {
  readonly base: string;
  readonly folder: string;
  readonly log = new LogBook();
  readonly held = new Map<InfoHash, HeldShare>();
  failed = new Set<InfoHash>();
  /** Names that were read, in their order. */
  hashed: string[] = [];
  /** Names that nobody may look at. */
  readonly unreadable = new Set<string>();
  /** Why nothing can be held, if so. */
  refusal: ShoalError | undefined;
  /** Called when something was read, before anything is done with it. */
  onHashed: () => Promise<void> = () => Promise.resolve();
  #nowMs = 0;
  #watched: WatchedFolder;

  constructor(base: string) {
    this.base = base;
    this.folder = join(base, 'drop');
    this.#watched = this.#begin(TRACKER);
  }

  /** What a start of the agent begins with: it holds what it held, and knows nothing else. */
  restart(tracker = TRACKER): void {
    this.#watched = this.#begin(tracker);
  }

  async hold({ metainfo, path, trackers, origin }: Wanted): Promise<void> {
    if (this.refusal !== undefined) throw this.refusal;
    const other = this.held.get(metainfo.infoHash);
    if (other !== undefined) throw new ShoalError('already-here', `it is at ${other.path} already`);
    const { fingerprint } = await lookAtEntry(path, signal);
    this.held.set(metainfo.infoHash, { metainfo, path, trackers, origin, fingerprint });
  }

  /** Lets so much time pass, then looks and shares what is ready. */
  async pass(ms: number): Promise<void> {
    this.#nowMs += ms;
    await this.#watched.look(this.#nowMs, signal);
    for (let { ready } = this.#watched; ready !== undefined; { ready } = this.#watched) {
      await this.#watched.share(ready, () => this.#nowMs, signal);
    }
  }

  /** Looks at what is new until it is quiet. */
  async settle(): Promise<void> {
    await this.pass(0);
    await this.pass(QUIET_MS);
    await this.pass(0);
  }

  /** What is held, by the names on disk. */
  names(): string[] {
    return [...this.held.values()].map(({ path }) => basename(path)).sort();
  }

  /** The operating system tells of a change. */
  news(name: string): void {
    this.#watched.changed(name, this.#nowMs);
  }

  path(name: string): string {
    return join(this.folder, name);
  }

  put(name: string, text: string): Promise<void> {
    return writeFile(this.path(name), text);
  }

  #begin(tracker: string): WatchedFolder {
    return new WatchedFolder({
      path: this.folder,
      tracker,
      log: this.log,
      look: (path, aborted) => {
        if (!this.unreadable.has(basename(path))) return lookAtEntry(path, aborted);
        return Promise.reject(new ShoalError('unreadable', `sharing ${path}: EACCES`));
      },
      hash: async (path) => {
        this.hashed.push(basename(path));
        const metainfo = await metainfoOf(path, tracker);
        await this.onHashed();
        return metainfo;
      },
      withTracker: (metainfo, announce) => ({ ...metainfo, document: { ...metainfo.document, announce } }),
      shelf: {
        list: () => [...this.held.values()],
        failed: () => this.failed,
        hold: (wanted) => this.hold(wanted),
        remove: (infoHash) => {
          this.held.delete(infoHash);
          return Promise.resolve();
        },
      },
    });
  }
}

export async function metainfoOf(path: string, announce = TRACKER): Promise<Metainfo> {
  return createMetainfo({ announce, ...(await hashShare({ path })) });
}

/** Gives each test of the file that calls this a world. */
export function useWatchedWorld(): () => WatchedWorld {
  let world: WatchedWorld;
  beforeEach(async () => {
    world = new WatchedWorld(await mkdtemp(join(tmpdir(), 'shoal-')));
    await mkdir(world.folder);
  });
  afterEach(() => rm(world.base, { recursive: true, force: true }));
  return () => world;
}
