import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Launch } from '../transfer-program.ts';
import type { BitTorrentClient, Post } from './bittorrent-client.ts';
import { STAMP_PROGRAM, versionSaid } from './installed.ts';

const ON_FINISH = `method.set_key = event.download.finished,stamp,"execute.nothrow=${STAMP_PROGRAM}"`;

/** rTorrent, on the other libtorrent. */
export const RTORRENT: BitTorrentClient = {
  name: 'rtorrent',
  version: () => versionSaid('rtorrent', ['-h'], /client version (\d\S*\d)/),
  seed: (post) => launchOf(post, []),
  fetch: (post) => launchOf(post, [ON_FINISH]),
};

async function launchOf(post: Post, more: readonly string[]): Promise<Launch> {
  const { torrent, folder, scratch, address, port, stamp } = post;
  const [session, settings] = [join(scratch, 'session'), join(scratch, 'rtorrent.rc')];
  await mkdir(session);
  const lines = [
    'system.daemon.set = true',
    `session.path.set = ${session}`,
    `directory.default.set = ${folder}`,
    `network.bind_address.set = ${address}`,
    `network.port_range.set = ${port}-${port}`,
    'network.port_random.set = no',
    'dht.mode.set = disable',
    'protocol.pex.set = yes',
    'trackers.use_udp.set = no',
    'protocol.encryption.set = allow_incoming,enable_retry',
    'throttle.global_down.max_rate.set_kb = 0',
    'throttle.global_up.max_rate.set_kb = 0',
    'throttle.max_uploads.set = 100',
    'throttle.max_uploads.global.set = 300',
    'throttle.max_downloads.global.set = 300',
    'pieces.hash.on_completion.set = no', // every piece is checked as it comes, as by the others
    'pieces.memory.max.set = 2048M',
    'network.send_buffer.size.set = 4M',
    'network.receive_buffer.size.set = 4M',
    ...more,
    `schedule2 = load,0,0,"load.start=${torrent}"`,
  ];
  await writeFile(settings, `${lines.join('\n')}\n`);
  return {
    name: 'rtorrent',
    file: 'rtorrent',
    args: ['-n', '-o', `import=${settings}`],
    env: { STAMP: stamp, TERM: 'xterm' },
  };
}
