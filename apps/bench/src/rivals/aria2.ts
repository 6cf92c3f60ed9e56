import type { Launch } from '../transfer-program.ts';
import type { BitTorrentClient, Post } from './bittorrent-client.ts';
import { STAMP_PROGRAM, versionSaid } from './installed.ts';

/** aria2, which moves torrents and much else. */
export const ARIA2: BitTorrentClient = {
  name: 'aria2',
  version: () => versionSaid('aria2c', ['--version'], /aria2 version (\S+)/),
  // Otherwise it sees the file, takes it for a clash of names, and ends.
  seed: (post) => Promise.resolve(launchOf(post, '--bt-seed-unverified=true')),
  fetch: (post) => Promise.resolve(launchOf(post, `--on-bt-download-complete=${STAMP_PROGRAM}`)),
};

function launchOf({ torrent, folder, address, port, stamp }: Post, ...more: readonly string[]): Launch {
  const args = [
    ...['--no-conf=true', '--quiet=true', '--summary-interval=0', `--dir=${folder}`],
    ...['--enable-dht=false', '--enable-dht6=false', '--bt-enable-lpd=false', '--disable-ipv6=true'],
    ...['--bt-min-crypto-level=plain', '--bt-require-crypto=false', '--seed-ratio=0.0', '--bt-max-peers=0'],
    ...['--file-allocation=none', '--disk-cache=64M', '--max-overall-upload-limit=0'],
    ...[`--interface=${address}`, `--listen-port=${port}`],
    ...more,
    torrent,
  ];
  return { name: 'aria2', file: 'aria2c', args, env: { STAMP: stamp } };
}
