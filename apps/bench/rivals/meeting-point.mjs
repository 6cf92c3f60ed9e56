/**
 * `node meeting-point.mjs ADDRESS PORT`: a BitTorrent tracker over HTTP, where rivals find each other. Prints a line when it
 * serves, and one for each peer that announces itself with all of a torrent.
 */
import { Server } from 'bittorrent-tracker';

const [address, port] = process.argv.slice(2);
const server = new Server({ http: true, udp: false, ws: false, stats: false });
server.on('error', (error) => {
  process.stderr.write(`${String(error)}\n`);
  process.exitCode = 1;
});
server.on('start', (peer, announced) => {
  if (announced.left === 0) process.stdout.write(`seeder at ${peer}\n`);
});
server.listen(Number(port), address, () => process.stdout.write('serves\n'));
