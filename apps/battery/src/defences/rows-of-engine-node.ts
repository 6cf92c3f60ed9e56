import type { Defence } from './defence.ts';

const STORE = 'libs/engine/src/node/download-store.ts';
const DOWNLOAD_TEST = 'libs/engine/test/node/download.test.ts';
const TROUBLE_TEST = 'libs/engine/test/node/download-trouble.test.ts';

/** What the adapters for Node defend: the disk and the sockets. */
export const ROWS_OF_ENGINE_NODE: readonly Defence[] = [
  {
    defence: 'data is flushed before the have-map claims it',
    file: STORE,
    original: 'await this.#files.sync();',
    switchedOff: '',
    test: TROUBLE_TEST,
    title: 'is made durable after a while, and noted only then',
  },
  {
    defence: 'a have-map with a wrong checksum is not believed',
    file: 'libs/engine/src/node/have-map.ts',
    original: 'return encodeHaveMap(infoHash, map) === text ? map : undefined;',
    switchedOff: 'return map;',
    test: DOWNLOAD_TEST,
    title: 'and checks the pieces instead',
  },
  {
    defence: 'a have-map that claims more than the files can hold is not believed',
    file: 'libs/engine/src/node/open-download.ts',
    original: 'saved !== undefined && isCovered(saved.pieces, metainfo, sizes);',
    switchedOff: 'saved !== undefined;',
    test: DOWNLOAD_TEST,
    title: 'does not believe a have-map that is ahead of the files',
  },
  {
    defence: 'what a killed process wrote after its have-map is not fetched again',
    file: 'libs/engine/src/node/open-download.ts',
    original: 'isBelieved ? await writtenPieces(tree, sizes, saved) : undefined;',
    switchedOff: 'isBelieved ? [] : undefined;',
    test: TROUBLE_TEST,
    title: 'does not have written pieces fetched again',
  },
  {
    defence: 'what the disk failed to make durable is never taken for safe',
    file: STORE,
    original: 'this.#isRestLost = true;',
    switchedOff: '',
    test: TROUBLE_TEST,
    title: 'ends the download, and no later process takes these bytes for safe',
  },
  {
    defence: 'no room for a have-map does not end a download',
    file: STORE,
    original: "if (storageError('', cause).code !== 'disk-full') throw this.#fail(cause);",
    switchedOff: 'if (cause !== undefined) throw this.#fail(cause);',
    test: TROUBLE_TEST,
    title: 'without room for a have-map goes on, and notes what is durable when there is room',
  },
  {
    defence: 'each file is checked as a whole before it gets its final name',
    file: STORE,
    original: 'if (wrong.length > 0) throw await this.#refuse(wrong);',
    switchedOff: '',
    test: DOWNLOAD_TEST,
    title: 'is not made of bytes that changed after they were verified',
  },
  {
    defence: 'the final name replaces no file',
    file: 'libs/engine/src/node/rename-share.ts',
    original: 'await link(from, to);',
    switchedOff: 'await rename(from, to);\n    return;',
    test: 'libs/engine/test/node/rename-share.test.ts',
    title: 'replaces no file and no folder with something in it',
  },
  {
    defence: 'no file is made through a link',
    file: 'libs/engine/src/node/part-files.ts',
    original: 'constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK',
    switchedOff: 'constants.O_CREAT | constants.O_NONBLOCK',
    test: 'libs/engine/test/node/download-links.test.ts',
    title: 'that points nowhere makes no file there',
  },
  {
    defence: 'two processes do not write one download',
    file: 'libs/engine/src/node/download-claim.ts',
    original: 'await refuseOthers(path, basename(own));',
    switchedOff: '',
    test: TROUBLE_TEST,
    title: 'is refused to others while it runs; then free at once, and goes on with every durable piece',
  },
  {
    defence: 'no byte of a file is sent that changed since it was opened',
    file: 'libs/engine/src/node/share-store.ts',
    original: 'if (expected !== undefined && found !== undefined && isSameFile(expected, found)) return;',
    switchedOff: 'if (expected !== undefined && found !== undefined) return;',
    test: 'libs/engine/test/node/share-store.test.ts',
    title: 'gives no byte of a file that changed while it was open',
  },
  {
    defence: 'no byte of a file is sent that was deleted or replaced',
    file: 'libs/engine/src/node/open-files.ts',
    original: 'return stats.nlink === 0n ? undefined : factsOf(stats);',
    switchedOff: 'return factsOf(stats);',
    test: 'libs/engine/test/node/share-store.test.ts',
    title: 'gives no byte of a file that was ',
  },
  {
    defence: 'a share uses no more descriptors than it may',
    file: 'libs/engine/src/node/open-files.ts',
    original:
      'while (!this.#files.has(file) && this.#files.size + this.#closing.size >= this.#bound) await this.#makeRoom();',
    switchedOff: '',
    test: 'libs/engine/test/node/open-files.test.ts',
    title: 'has no more descriptors than it may, however many files are used at once',
  },
];
