import type { Defence } from './defence.ts';

const STORE = 'libs/engine/src/node/download-store.ts';
const FILES = 'libs/engine/src/node/part-files.ts';
const OPENING = 'libs/engine/src/node/open-download.ts';
const SHARE = 'libs/engine/src/node/share-store.ts';

const DOWNLOAD_TEST = 'libs/engine/test/node/download.test.ts';
const TROUBLE_TEST = 'libs/engine/test/node/download-trouble.test.ts';
const LINKS_TEST = 'libs/engine/test/node/download-links.test.ts';
const SHARE_TEST = 'libs/engine/test/node/share-store.test.ts';

/** What is defended on disk: what is durable, what is believed of it, and that nothing else is touched. */
export const ROWS_OF_DISK: readonly Defence[] = [
  {
    defence: 'what is written becomes durable after 5 s',
    file: STORE,
    original: 'this.#parts.clock.setTimer(FLUSH_MS, () => {',
    switchedOff: 'this.#parts.clock.setTimer(1_000 * FLUSH_MS, () => {',
    test: TROUBLE_TEST,
    title: 'is made durable after a while, and noted only then',
  },
  {
    defence: 'what is written becomes durable after 64 MiB',
    file: STORE,
    original: 'if (this.#pendingBytes >= FLUSH_BYTES) this.#flushInBackground();',
    switchedOff: 'if (this.#pendingBytes < 0) this.#flushInBackground();',
    test: TROUBLE_TEST,
    title: 'is made durable at once when it is much',
  },
  {
    defence: 'a download whose data could not be made durable is over',
    file: STORE,
    original: 'await this.#saveHaveMap().catch(() => undefined);\n      throw this.#fail(error);',
    switchedOff: 'await this.#saveHaveMap().catch(() => undefined);\n      void error;',
    test: TROUBLE_TEST,
    title: 'ends the download, and no later process takes these bytes for safe',
  },
  {
    defence: 'a failure to make data durable is final',
    file: FILES,
    original: 'if (this.#failure !== undefined) throw this.#failure;',
    switchedOff: '',
    test: 'libs/engine/test/node/small-files.test.ts',
    title: 'are never called durable after that failed once',
  },
  {
    defence: 'a finished file has no byte after its end',
    file: FILES,
    original: 'await handle.truncate(length);',
    switchedOff: '',
    test: DOWNLOAD_TEST,
    title: 'has no byte after the end of its files',
  },
  {
    defence: 'a finished share replaces nothing',
    file: 'libs/engine/src/node/rename-share.ts',
    original: 'isSingleFile ? renameFile(from, to) : rename(from, to)',
    switchedOff: 'rename(from, to)',
    test: DOWNLOAD_TEST,
    title: 'never replaces what has got its name meanwhile',
  },
  {
    defence: 'a have-map that is ahead of the files is not believed',
    file: OPENING,
    original: '(sizes[file] ?? -1) < offset + length',
    switchedOff: '(sizes[file] ?? -1) < -offset - length',
    test: DOWNLOAD_TEST,
    title: 'does not believe a have-map that is ahead of the files',
  },
  {
    defence: 'what has the name of a download is compared with it',
    file: OPENING,
    original: 'if (have?.isFull !== true) {',
    switchedOff: 'if (have === undefined) {',
    test: DOWNLOAD_TEST,
    title: 'is refused when it has the right sizes and a wrong byte',
  },
  {
    defence: 'a claim of a process that is gone counts for nothing',
    file: 'libs/engine/src/node/download-claim.ts',
    original: 'if (isRunning(pid) && claimOf(pid) === claim)',
    switchedOff: 'if (pid > 0)',
    test: DOWNLOAD_TEST,
    title: 'is free when the process that claimed it is gone',
  },
  {
    defence: 'no file is opened over a link',
    file: FILES,
    original: ' | constants.O_NOFOLLOW | ',
    switchedOff: ' | ',
    test: LINKS_TEST,
    title: 'to nothing makes nothing where it leads',
  },
  {
    defence: 'no folder of a download is a link',
    file: FILES,
    original: 'if (!(await lstat(folder)).isDirectory()) throw outside(folder);',
    switchedOff: '',
    test: LINKS_TEST,
    title: 'has no folder made behind it',
  },
  {
    defence: 'a file is where it seems to be',
    file: FILES,
    original: 'if (real.normalize() !== path.normalize()) throw outside(path);',
    switchedOff: 'void real;',
    test: LINKS_TEST,
    title: 'that comes while the download runs is not written through',
  },
  {
    defence: 'no byte is served over a link',
    file: SHARE,
    original: ' | constants.O_NOFOLLOW | ',
    switchedOff: ' | ',
    test: SHARE_TEST,
    title: 'became a link',
  },
  {
    defence: 'a share is opened only where its files have their sizes',
    file: SHARE,
    original: 'if (facts.size === tree.lengthOf(file)) return facts;',
    switchedOff: 'if (facts.size >= 0) return facts;',
    test: SHARE_TEST,
    title: 'is not opened when a file',
  },
  {
    defence: 'nothing is shared that lies behind a link',
    file: 'libs/engine/src/node/share-walk.ts',
    original: 'else throw unshareable(entry.location);',
    switchedOff: 'else continue;',
    test: 'libs/engine/test/node/share-hasher.test.ts',
    title: 'when a link is in it',
  },
  {
    defence: 'a file that changes while it is hashed is not shared',
    file: 'libs/engine/src/node/share-hasher.ts',
    original: 'refuseChanged(found.files, await look(found.files.map(({ location }) => location)));',
    switchedOff: '',
    test: 'libs/engine/test/node/share-hasher.test.ts',
    title: 'meanwhile',
  },
];
