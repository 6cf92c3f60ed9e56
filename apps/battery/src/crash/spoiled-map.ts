import { cp, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createHasher, openDownload, readHaveMap, systemClock } from '@shoal/engine/node';
import { transferSchema, type Metainfo } from '@shoal/protocol';
import { sha256OfFile, writeSampleFile } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { fact, type Figure } from '../figure.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';
import { bytesOf } from './on-disk.ts';

const MiB = 1024 * 1024;
const NAME = 'film.bin';
/** The piece that is spoiled on disk while the have-map claims it: who trusts the map does not fetch it. */
const SPOILED_PIECE = 1;

/** The have-map of a half of a download is deleted, or a bit of it is flipped, and the command is given again. */
export const SPOILED_MAP: Part = {
  name: 'have-map deleted or flipped',
  run: ({ extent }) => onStage((stage) => spoil(stage, extent === 'quick' ? 2 : 16)),
};

async function spoil(stage: Stage, flips: number): Promise<readonly Figure[]> {
  await writeSampleFile(stage.home.path(NAME), 4 * MiB);
  const offered = await stage.offer(NAME);
  const half = await stage.sandbox.folder('half');
  await downloadHalf(offered, half);
  const map = join(half, `${NAME}.part.have`);
  const bits = 8 * (await readFile(map)).length;
  const places = Array.from({ length: flips }, (_, flip) => Math.floor((bits * (flip + 0.5)) / flips));
  const cases = [undefined, ...places];
  const trusted: string[] = [];
  for (const bit of cases) trusted.push(...(await trustIn(stage, { offered, half, bit })));
  return [
    await believedFlips(offered.metainfo, map),
    fact(
      `have-map deleted, and with one of ${flips} bits flipped: not checked on disk, or not fetched where it was wrong`,
      {
        demand: 'none',
        seen: trusted.join(', ') || 'none',
        holds: trusted.length === 0,
      },
    ),
  ];
}

async function downloadHalf({ metainfo, source }: Offered, folder: string): Promise<void> {
  const { layout } = metainfo;
  const hasher = createHasher();
  const { store } = await openDownload({ metainfo, folder, clock: systemClock, hasher });
  const file = await open(source);
  try {
    for (let piece = 0; piece < layout.pieceCount / 2; piece++) {
      const bytes = Buffer.alloc(layout.bytesOf(piece));
      await file.read(bytes, 0, bytes.length, piece * layout.pieceLength);
      await store.writePiece(piece, [bytes]);
    }
  } finally {
    await file.close();
    await store.close();
    await hasher.stop();
  }
  const part = await open(join(folder, `${NAME}.part`), 'r+');
  await part.write(Buffer.from('not what was received'), 0, undefined, SPOILED_PIECE * layout.pieceLength);
  await part.close();
}

/** Every bit of the map flipped, one at a time, before the parser of the program. */
async function believedFlips({ infoHash, layout }: Metainfo, map: string): Promise<Figure> {
  const original = await readFile(map);
  const flipped = `${map}.flipped`;
  let believed = 0;
  for (let bit = 0; bit < 8 * original.length; bit++) {
    await writeFile(flipped, flip(original, bit));
    if ((await readHaveMap(flipped, infoHash, layout.pieceCount)) !== undefined) believed++;
  }
  return fact(`have-maps with one of ${8 * original.length} bits flipped that are believed`, {
    demand: 'none',
    seen: String(believed),
    holds: believed === 0,
  });
}

/** Goes on from the half with a spoiled map. Answers what went wrong, if anything did. */
async function trustIn(
  stage: Stage,
  { offered, half, bit }: { offered: Offered; half: string; bit: number | undefined },
): Promise<readonly string[]> {
  const what = bit === undefined ? 'deleted' : `bit ${bit}`;
  const machine = await stage.machine(`map ${what}`);
  await mkdir(machine.folder, { recursive: true });
  await cp(half, machine.folder, { recursive: true });
  const map = machine.path(`${NAME}.part.have`);
  if (bit === undefined) await rm(map);
  else await writeFile(map, flip(await readFile(map), bit));
  const { stdout } = await machine.run('download', offered.torrent, '--json');
  const { receivedBytes } = transferSchema.parse(JSON.parse(stdout));
  const { info, layout } = offered.metainfo;
  const kept = Array.from({ length: Math.ceil(layout.pieceCount / 2) }, (_, piece) => piece);
  const lacking =
    info.length -
    bytesOf(
      offered.metainfo,
      kept.filter((piece) => piece !== SPOILED_PIECE),
    );
  const isRight = (await sha256OfFile(machine.path(NAME))) === info.files[0]?.sha256;
  return isRight && receivedBytes === lacking ? [] : [`${what}: ${receivedBytes} bytes fetched, not ${lacking}`];
}

function flip(bytes: Uint8Array, bit: number): Uint8Array {
  const flipped = Uint8Array.from(bytes);
  flipped[bit >> 3] = (flipped[bit >> 3] ?? 0) ^ (1 << (bit & 7));
  return flipped;
}
