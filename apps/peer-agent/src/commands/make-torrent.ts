import { basename, resolve } from 'node:path';
import { hashShare } from '@shoal/engine/node';
import { createMetainfo, formatShareLink, type Metainfo } from '@shoal/protocol';
import type { Frame } from '../drawing/frame.ts';
import type { Output } from '../drawing/output.ts';
import { safeText } from '../drawing/safe-text.ts';
import { drawTable } from '../drawing/table.ts';
import { drawBytes, drawCount } from '../drawing/units.ts';
import { meterWork } from '../drawing/work-meter.ts';
import type { Session } from '../session.ts';
import { AGENT } from '../version.ts';
import type { Input } from './command.ts';
import { chooseTracker } from './options.ts';
import { writeTorrent } from './torrent-file.ts';

/** A `.torrent` that was made, as `create` and `share` report it. */
export interface MadeTorrent {
  readonly name: string;
  readonly infoHash: string;
  readonly link: string;
  /** Path of the `.torrent`. */
  readonly torrent: string;
  /** Path of what is shared. */
  readonly path: string;
  readonly tracker: string;
  readonly length: number;
  readonly fileCount: number;
  readonly pieceCount: number;
}

/**
 * Hashes a file or folder and writes its `.torrent` into the session's folder.
 * @throws ShoalError what hashing throws, `target-exists`, `storage-failed`
 */
export async function makeTorrent(
  { args: [given = '', address], options }: Input,
  session: Session,
  output: Output,
): Promise<{ readonly metainfo: Metainfo; readonly made: MadeTorrent }> {
  const tracker = chooseTracker(address ?? options.tracker, session);
  const path = resolve(session.folder, given);
  const metainfo = await hash(path, tracker, session, output);
  const torrent = await writeTorrent(session.folder, metainfo, options.force === true);
  const { infoHash, info, layout } = metainfo;
  const made = {
    name: info.name,
    infoHash,
    link: formatShareLink({ infoHash, name: info.name, tracker }),
    torrent,
    path,
    tracker,
    length: info.length,
    fileCount: info.files.length,
    pieceCount: layout.pieceCount,
  };
  return { metainfo, made };
}

async function hash(path: string, announce: string, session: Session, output: Output): Promise<Metainfo> {
  const meter = meterWork(output, 'hashing', basename(path));
  try {
    const hashed = await hashShare({ path, onProgress: meter.onProgress, signal: session.signal });
    const createdAt = new Date().toISOString();
    return createMetainfo({ announce, ...hashed, createdBy: AGENT, createdAt });
  } finally {
    meter.end();
  }
}

/** Draws what was made. */
export function drawMade(made: MadeTorrent, { colours }: Frame): string {
  const size = `${drawCount(made.fileCount, 'file')}, ${drawBytes(made.length)}`;
  const facts = drawTable([
    ['  torrent', safeText(made.torrent)],
    ['  info hash', made.infoHash],
    ['  link', safeText(made.link)],
    ['  tracker', made.tracker],
  ]);
  return `${colours.bold(safeText(made.name))} (${size})\n${facts}`;
}
