/** A process that takes every descriptor that it may have, and says what becomes of the blocks that a seeder reads then. */
import { closeSync, openSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { openShare } from '@shoal/engine/node';
import { sampleShare } from '@shoal/engine/testing';
import { reportError, type Block } from '@shoal/protocol';

const folder = process.argv[2] ?? '';
const share = sampleShare({ one: 100_000, two: 100_000 }, { pieceLength: 65_536 });
for (const [file, { path }] of share.metainfo.info.files.entries()) {
  const place = join(folder, ...path);
  await mkdir(dirname(place), { recursive: true });
  await writeFile(place, share.contents[file] ?? '');
}
const store = await openShare({ metainfo: share.metainfo, path: folder });
const [first, last] = [share.metainfo.layout.blocksOf(0)[0], share.metainfo.layout.blocksOf(3)[0]];

async function read(block: Block | undefined): Promise<string> {
  if (block === undefined) throw new Error('invariant: every piece has a block');
  const outcome = await store.readBlock(block).catch((error: unknown) => reportError(error).code);
  if (typeof outcome === 'string') return outcome;
  return Buffer.compare(outcome, share.bytesOf(block)) === 0 ? 'right' : 'wrong';
}

/** Until there is none left. */
function takeAll(): number[] {
  const taken: number[] = [];
  for (;;) {
    try {
      taken.push(openSync('/dev/null', 'r'));
    } catch {
      return taken;
    }
  }
}

const taken = takeAll();
const withNone = await read(first);
for (const file of taken.splice(0, 1)) closeSync(file);
const withOne = await read(first);
// The one descriptor is that of the first file, which nobody uses now.
const withIdle = await read(last);
for (const file of taken) closeSync(file);
await store.close();
process.stdout.write(JSON.stringify({ withNone, withOne, withIdle }));
