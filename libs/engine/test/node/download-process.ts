/** A process that downloads some pieces, says so when they are durable, and then waits to be killed. */
import { access } from 'node:fs/promises';
import { createHasher, openDownload } from '@shoal/engine/node';
import { sampleShare } from '@shoal/engine/testing';

const [folder = '', haveMap = ''] = process.argv.slice(2);
const share = sampleShare({ 'a/one': 700_000, 'a/b/two': 500_000 });
let flush = (): void => undefined;
const clock = {
  now: () => 0,
  setTimer: (_delayMs: number, action: () => void) => {
    flush = action;
    return () => undefined;
  },
};
const { store } = await openDownload({ metainfo: share.metainfo, folder, clock, hasher: createHasher() });
for (const piece of [0, 1, 2]) await store.writePiece(piece, share.partsOf(piece));
flush();
for (let isThere = false; !isThere;) {
  await new Promise((resolve) => setImmediate(resolve));
  isThere = await access(haveMap).then(
    () => true,
    () => false,
  );
}
process.stdout.write('durable');
setInterval(() => undefined, 1_000);
