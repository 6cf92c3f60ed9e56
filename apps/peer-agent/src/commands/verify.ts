import { resolve } from 'node:path';
import { createHasher, verifyShare, type VerifyReport } from '@shoal/engine/node';
import type { Metainfo } from '@shoal/protocol';
import type { Frame } from '../drawing/frame.ts';
import type { Output } from '../drawing/output.ts';
import { safeText } from '../drawing/safe-text.ts';
import { drawCount } from '../drawing/units.ts';
import { meterWork } from '../drawing/work-meter.ts';
import { EXIT, type Command } from './command.ts';
import { JSON_OPTION, QUIET_OPTION } from './options.ts';
import { readTorrent } from './torrent-file.ts';

/** What `verify` found. */
interface Verified {
  readonly infoHash: string;
  readonly name: string;
  readonly path: string;
  readonly isGood: boolean;
  readonly pieceCount: number;
  readonly badPieces: readonly number[];
  readonly missingFiles: readonly string[];
  readonly wrongSizeFiles: readonly string[];
  /** Files of the right size that bad pieces touch. */
  readonly damagedFiles: readonly string[];
}

/** Files of one kind that are named for people; `--json` names all. */
const FILES_SHOWN = 20;

/** `verify`: compares data on disk with its `.torrent`, piece by piece. */
export const verifyCommand: Command = {
  name: 'verify',
  summary: 'check data on disk piece by piece',
  arguments: [
    { usage: '<torrent>', about: 'the .torrent', completes: 'torrent' },
    { usage: '[path]', about: 'the file or folder (default: its name in the current folder)', completes: 'path' },
  ],
  options: [JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run({ args: [torrent = '', given] }, { folder, signal }, output) {
    const metainfo = await readTorrent(resolve(folder, torrent));
    const path = resolve(folder, given ?? metainfo.info.name);
    const verified = describe(metainfo, path, await verify(metainfo, path, { output, signal }));
    output.result(verified, drawVerified);
    return verified.isGood ? EXIT.ok : EXIT.mismatch;
  },
};

interface Work {
  readonly output: Output;
  readonly signal: AbortSignal;
}

async function verify(metainfo: Metainfo, path: string, { output, signal }: Work): Promise<VerifyReport> {
  const { layout, info } = metainfo;
  const hasher = createHasher();
  const meter = meterWork(output, 'verifying', info.name);
  let doneBytes = 0;
  const onPiece = (piece: number): void => {
    doneBytes += layout.bytesOf(piece);
    meter.onProgress(doneBytes, info.length);
  };
  try {
    return await verifyShare({ metainfo, path, hasher, onPiece, signal });
  } finally {
    meter.end();
    await hasher.stop();
  }
}

function describe(metainfo: Metainfo, path: string, report: VerifyReport): Verified {
  const { infoHash, info, layout } = metainfo;
  const { good, missingFiles, wrongSizeFiles, isGood } = report;
  const badPieces = Array.from({ length: layout.pieceCount }, (_, piece) => piece).filter((piece) => !good.has(piece));
  const known = new Set([...missingFiles, ...wrongSizeFiles]);
  const damagedFiles = filesIn(metainfo, badPieces).filter((file) => !known.has(file));
  const { pieceCount } = layout;
  return { infoHash, name: info.name, path, isGood, pieceCount, badPieces, missingFiles, wrongSizeFiles, damagedFiles };
}

/** Paths below the share of the files that pieces touch. */
function filesIn({ info, layout }: Metainfo, pieces: readonly number[]): string[] {
  const touched = new Set<number>();
  for (const piece of pieces) {
    for (const { file } of layout.spansOf({ piece, begin: 0, length: layout.bytesOf(piece) })) touched.add(file);
  }
  return [...touched].map((file) => info.files[file]?.path.join('/') ?? '');
}

/** Draws what was found. */
function drawVerified(verified: Verified, { colours }: Frame): string {
  const { name, path, isGood, pieceCount, badPieces } = verified;
  const subject = `${colours.bold(safeText(name))} at ${safeText(path)}`;
  if (isGood) return `${colours.green('Verified')} ${subject}: ${drawCount(pieceCount, 'piece')}, all right`;
  return [
    `${colours.red('Not verified')} ${subject}: ${String(badPieces.length)} of ${drawCount(pieceCount, 'piece')} wrong`,
    ...drawFiles('missing', verified.missingFiles),
    ...drawFiles('wrong size', verified.wrongSizeFiles),
    ...drawFiles('damaged', verified.damagedFiles),
  ].join('\n');
}

function drawFiles(what: string, files: readonly string[]): string[] {
  const lines = files.slice(0, FILES_SHOWN).map((file) => `  ${what}: ${safeText(file)}`);
  const more = files.length - lines.length;
  return more > 0 ? [...lines, `  ${what}: … and ${String(more)} more`] : lines;
}
