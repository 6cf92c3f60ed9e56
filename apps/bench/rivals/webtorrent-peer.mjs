/**
 * `node webtorrent-peer.mjs seed|fetch TORRENT FOLDER PORT STAMP [hold]`: one peer of WebTorrent over TCP. Writes the time of
 * day into STAMP once it has all pieces verified and stored. With `hold` it adds the torrent when a line comes on stdin.
 */
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { performance } from 'node:perf_hooks';
import WebTorrent from 'webtorrent';

const [role, torrentFile, folder, port, stamp, hold] = process.argv.slice(2);
const client = new WebTorrent({
  ...{ dht: false, lsd: false, utp: false, natUpnp: false, natPmp: false },
  torrentPort: Number(port),
});
client.on('error', (error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exit(1);
});
if (hold === 'hold') await once(process.stdin, 'data');
const torrent = client.add(readFileSync(torrentFile), { path: folder, skipVerify: role === 'seed' });
torrent.on('done', () => {
  if (role === 'seed') return;
  writeFileSync(`${stamp}.new`, ((performance.timeOrigin + performance.now()) / 1000).toFixed(6));
  renameSync(`${stamp}.new`, stamp);
});
