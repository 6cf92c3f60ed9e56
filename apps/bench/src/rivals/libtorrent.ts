import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from '../transfer-program.ts';
import type { BitTorrentClient, Post } from './bittorrent-client.ts';
import { RIVALS_FOLDER, versionSaid } from './installed.ts';

/** The system's own Python comes first: its packages are found by no other. */
export const PYTHON = ['/usr/bin/python3'].find((path) => existsSync(path)) ?? 'python3';

/** libtorrent, by its Python binding. */
export const LIBTORRENT = libtorrent('libtorrent', 'seed');

/** libtorrent whose seeder hands out each piece once before it hands out any again (BEP 16). */
export const LIBTORRENT_SUPER = libtorrent('libtorrent super-seeding', 'super-seed');

function libtorrent(name: string, seedRole: 'seed' | 'super-seed'): BitTorrentClient {
  return {
    name,
    version: () => versionSaid(PYTHON, ['-c', 'import libtorrent; print("is", libtorrent.__version__)'], /is (\S+)/),
    seed: (post) => Promise.resolve(launchOf(seedRole, post)),
    fetch: (post) => Promise.resolve(launchOf('fetch', post)),
    standBy: {
      launch: (post) => Promise.resolve(launchOf('fetch', post, 'hold')),
      order: (_, program) => void program.type(''),
    },
  };
}

function launchOf(role: string, { torrent, folder, address, port, stamp }: Post, ...more: readonly string[]): Launch {
  const program = join(RIVALS_FOLDER, 'libtorrent-peer.py');
  return {
    name: 'libtorrent',
    file: PYTHON,
    args: [program, role, torrent, folder, address, `${port}`, stamp, ...more],
  };
}
