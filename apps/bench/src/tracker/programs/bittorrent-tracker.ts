/** `node bittorrent-tracker.mjs MODULE`: the package with its own settings, HTTP and WebSocket; prints its port. */
import { pathToFileURL } from 'node:url';

interface BitTorrentServer {
  readonly http: { address(): { readonly port: number } };
  on(event: 'error' | 'warning', listener: (error: Error) => void): void;
  listen(port: number, host: string, listening: () => void): void;
}
interface BitTorrentTracker {
  readonly Server: new (options: object) => BitTorrentServer;
}

const [modulePath = ''] = process.argv.slice(2);
const { Server } = (await import(pathToFileURL(modulePath).href)) as BitTorrentTracker;
const server = new Server({ udp: false, http: true, ws: true, stats: false });
server.on('error', (error) => {
  throw error;
});
server.on('warning', () => undefined);
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${server.http.address().port}\n`);
});
