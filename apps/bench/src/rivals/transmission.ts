import { copyFileSync, renameSync } from 'node:fs';
import { copyFile, mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Launch } from '../transfer-program.ts';
import type { BitTorrentClient, Post } from './bittorrent-client.ts';
import { STAMP_PROGRAM, versionSaid } from './installed.ts';

const RPC_PORT_ABOVE = 1000;

/** Transmission's daemon, which fetches what is put into a folder that it watches. */
export const TRANSMISSION: BitTorrentClient = {
  name: 'transmission',
  needsOrdinaryAddresses: true,
  version: () => versionSaid('transmission-daemon', ['--version'], /transmission-daemon (\S+)/),
  seed: launchWithTorrent,
  fetch: launchWithTorrent,
  standBy: {
    launch: launchOf,
    order({ torrent, scratch }) {
      const waiting = join(scratch, 'waiting.torrent');
      copyFileSync(torrent, waiting);
      renameSync(waiting, join(watched(scratch), basename(torrent)));
    },
  },
};

async function launchWithTorrent(post: Post): Promise<Launch> {
  const launch = await launchOf(post);
  await copyFile(post.torrent, join(watched(post.scratch), basename(post.torrent)));
  return launch;
}

async function launchOf({ folder, scratch, address, port, stamp }: Post): Promise<Launch> {
  const home = join(scratch, 'transmission');
  await mkdir(home, { recursive: true });
  await mkdir(watched(scratch));
  const settings = {
    ...{ 'bind-address-ipv4': address, 'peer-port': port, 'peer-port-random-on-start': false },
    ...{ 'port-forwarding-enabled': false, 'utp-enabled': false, 'dht-enabled': false, 'lpd-enabled': false },
    ...{ 'pex-enabled': true, encryption: 0, 'download-dir': folder, 'incomplete-dir-enabled': false },
    ...{ 'cache-size-mb': 64, preallocation: 1, 'rename-partial-files': false, 'message-level': 1 },
    ...{ 'download-queue-enabled': false, 'seed-queue-enabled': false, 'queue-stalled-enabled': false },
    ...{ 'ratio-limit-enabled': false, 'idle-seeding-limit-enabled': false, 'upload-slots-per-torrent': 14 },
    ...{ 'peer-limit-global': 500, 'peer-limit-per-torrent': 200, 'start-added-torrents': true },
    ...{ 'watch-dir': watched(scratch), 'watch-dir-enabled': true },
    ...{ 'rpc-enabled': true, 'rpc-bind-address': address, 'rpc-port': port + RPC_PORT_ABOVE },
    ...{ 'script-torrent-done-enabled': true, 'script-torrent-done-filename': STAMP_PROGRAM },
  };
  await writeFile(join(home, 'settings.json'), JSON.stringify(settings));
  return { name: 'transmission', file: 'transmission-daemon', args: ['-f', '-g', home], env: { STAMP: stamp } };
}

function watched(scratch: string): string {
  return join(scratch, 'watched');
}
