import { relative, sep } from 'node:path';
import { watch } from 'chokidar';

/** Whoever tells that something has happened in folders. */
export interface News {
  stop(): Promise<void>;
}

/**
 * Tells of every change in folders, as far as their file systems tell anybody.
 * @param onChange gets the folder, and the name of the entry in it that has changed or holds what has
 */
export type WatchForNews = (folders: readonly string[], onChange: (folder: string, name: string) => void) => News;

/** News by the operating system. Folders that do not exist yet are told of when they come. */
export const watchForNews: WatchForNews = (folders, onChange) => {
  const watcher = watch([...folders], { ignoreInitial: true, followSymlinks: false });
  watcher.on('all', (_event, path) => {
    for (const folder of folders) {
      const [name = ''] = relative(folder, path).split(sep);
      if (name !== '..') onChange(folder, name);
    }
  });
  // Without news, as where watches are used up, the full look finds what has changed.
  watcher.on('error', () => undefined);
  return { stop: () => watcher.close() };
};
