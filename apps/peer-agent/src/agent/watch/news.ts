import { join, relative, sep } from 'node:path';
import { watch } from 'chokidar';
import { realPath } from '../../real-path.ts';

/** Whoever tells that something has happened in folders. */
export interface News {
  stop(): Promise<void>;
}

/**
 * Tells of every change in folders, as far as their file systems tell anybody.
 * @param onChange gets the folder, and the name of the entry in it that has changed or holds what has; an empty name when
 * anything in the folder may have
 */
export type WatchForNews = (folders: readonly string[], onChange: (folder: string, name: string) => void) => News;

/**
 * News by the operating system. Folders that do not exist yet are told of when they come. Only folders are watched, each
 * of which tells of the files in it: a watch for every file would take as much memory as all the rest of the agent.
 */
export const watchForNews: WatchForNews = (folders, onChange) => {
  // Nothing is heard through a link.
  const folderAt = new Map(folders.map((folder) => [realPath(folder), folder]));
  const roots = [...folderAt.keys()];
  const tell = (path: string): void => {
    for (const [root, folder] of folderAt) {
      const [name = ''] = relative(root, path).split(sep);
      if (name !== '..') onChange(folder, name);
    }
  };
  const watcher = watch(roots, {
    ignoreInitial: true,
    followSymlinks: false,
    ignored: (path, stats) => stats !== undefined && !stats.isDirectory() && !folderAt.has(path),
  });
  watcher.on('all', (_event, path) => {
    tell(path);
  });
  watcher.on('raw', (_event, name, details) => {
    const path = watchedPathOf(details);
    if (path !== undefined) tell(folderAt.has(path) ? join(path, name) : path);
  });
  // What happened before it watched everything, nobody was told of.
  watcher.on('ready', () => {
    for (const folder of folders) onChange(folder, '');
  });
  // Without news, as where watches are used up, the full look finds what has changed.
  watcher.on('error', () => undefined);
  return { stop: () => watcher.close() };
};

/** The folder that has something to tell; what else chokidar says of it differs by operating system. */
function watchedPathOf(details: unknown): string | undefined {
  if (typeof details !== 'object' || details === null || !('watchedPath' in details)) return undefined;
  return typeof details.watchedPath === 'string' ? details.watchedPath : undefined;
}
