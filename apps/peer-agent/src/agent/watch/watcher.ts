import type { Clock, Log } from '@shoal/engine';
import { reportError } from '@shoal/protocol';
import { repeat, type Repeated } from '../repeat.ts';
import type { WatchForNews } from './news.ts';
import { WatchedFolder, type WatchedFolderParts } from './watched-folder.ts';

/** What a watcher is made of. */
export interface WatcherParts extends Omit<WatchedFolderParts, 'path'> {
  readonly folders: readonly string[];
  readonly clock: Clock;
  readonly log: Log;
  readonly watchForNews: WatchForNews;
}

/** Shares what stands in folders, for as long as it runs. */
export interface Watcher {
  /** Resolves when every folder was looked at once. */
  readonly looked: Promise<void>;
  /** What the entries of the watched folders are called. */
  names(): string[];
  stop(): Promise<void>;
}

/** How soon something that changed is looked at. */
const LOOK_MS = 250;

/** Begins to watch. One thing is hashed at a time; the folders are looked at all the while. */
export function startWatcher({ folders: paths, clock, watchForNews, ...parts }: WatcherParts): Watcher {
  const folders = paths.map((path) => new WatchedFolder({ ...parts, path }));
  const now = (): number => clock.now();
  const onError = (error: unknown): void => {
    const { code, message } = reportError(error);
    parts.log.error({ code, err: error }, message);
  };
  const news = watchForNews(paths, (path, name) => {
    folders.find((folder) => folder.path === path)?.changed(name, now());
  });

  let hasLooked: () => void;
  const looked = new Promise<void>((resolve) => {
    hasLooked = resolve;
  });
  const looking = repeat({
    clock,
    delayMs: () => LOOK_MS,
    onError,
    work: async (signal) => {
      for (const folder of folders) await folder.look(now(), signal);
      hasLooked();
    },
  });
  const hashing: Repeated = repeat({
    clock,
    delayMs: () => LOOK_MS,
    onError,
    work: async (signal) => {
      for (const folder of folders) {
        for (let entry = folder.ready; entry !== undefined && !signal.aborted; entry = folder.ready) {
          await folder.share(entry, now, signal);
        }
      }
    },
  });
  return {
    looked,
    names: () => folders.flatMap((folder) => [...folder.names]),
    async stop() {
      await Promise.all([looking.stop(), hashing.stop(), news.stop()]);
    },
  };
}
