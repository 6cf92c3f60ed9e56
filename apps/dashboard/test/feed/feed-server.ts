/** Serves the built page as a tracker does, and tells it of a fleet that was made up. */
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { extname, resolve } from 'node:path';
import { encodeMetainfo, FLEET_PATH, parseFromPage, type FromFleet, type View } from '@shoal/protocol';
import { WebSocketServer, type WebSocket } from 'ws';
import { SyntheticFleet, type FleetOptions } from './synthetic-fleet.ts';

const DIST = resolve(import.meta.dirname, '../../dist');
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
].join('; ');
const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
};
const TICK_MS = 10;
const AT_ONCE = 100;
const REMEMBERED_SECONDS = 300;

/** A page and where it looks. */
interface Page {
  readonly socket: WebSocket;
  view: View | undefined;
}

/** A feed that listens; everything that it holds is let go by `stop`. */
export interface Feed {
  readonly url: string;
  readonly port: number;
  readonly fleet: SyntheticFleet;
  /** How many `members` messages were sent. */
  readonly changes: () => number;
  stop(): Promise<void>;
}

/** Starts a feed. Throws when the page was not built. @param port 0 for any */
export async function startFeed(options: FleetOptions, port = 0): Promise<Feed> {
  if (!existsSync(resolve(DIST, 'index.html'))) throw new Error('the page is not built: run `npm run build` first');
  const fleet = new SyntheticFleet(options);
  const server = createServer((request, response) => {
    void serve(request, response, fleet);
  });
  const telling = new Telling(fleet);
  const sockets = new WebSocketServer({ server, path: FLEET_PATH });
  sockets.on('connection', (socket) => {
    telling.welcome(socket);
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('invariant: it listens on a port');
  return {
    url: `http://127.0.0.1:${String(address.port)}`,
    port: address.port,
    fleet,
    changes: () => telling.changes,
    async stop() {
      telling.stop();
      for (const socket of sockets.clients) socket.terminate();
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}

async function serve(request: IncomingMessage, response: ServerResponse, fleet: SyntheticFleet): Promise<void> {
  const { pathname } = new URL(request.url ?? '/', 'http://localhost');
  response.setHeader('Content-Security-Policy', POLICY);
  if (pathname === `/v1/shares/${fleet.share.infoHash}`) {
    response.setHeader('Content-Type', 'application/json').end(encodeMetainfo(fleet.metainfo));
    return;
  }
  const path = resolve(DIST, pathname === '/' ? 'index.html' : pathname.slice(1));
  if (!path.startsWith(DIST) || !existsSync(path)) response.writeHead(404).end();
  else response.setHeader('Content-Type', TYPES[extname(path)] ?? 'text/plain').end(await readFile(path));
}

/** What each page is told, and when. */
class Telling {
  changes = 0;
  readonly #fleet: SyntheticFleet;
  readonly #pages = new Set<Page>();
  readonly #timers: NodeJS.Timeout[];
  readonly #throughput: number[] = [];
  readonly #startedAtMs = performance.now();

  constructor(fleet: SyntheticFleet) {
    this.#fleet = fleet;
    for (let second = 0; second < REMEMBERED_SECONDS; second++) this.#throughput.push(this.#past(second));
    const tick = setInterval(() => {
      this.#tick();
    }, TICK_MS);
    const beat = setInterval(() => {
      this.#beat();
    }, 1_000);
    this.#timers = [tick, beat];
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer);
  }

  welcome(socket: WebSocket): void {
    const page: Page = { socket, view: undefined };
    this.#pages.add(page);
    tell(page, { kind: 'welcome', version: '0.1.0' });
    socket.on('message', (data: Buffer) => {
      page.view = parseFromPage(data.toString()).view;
      this.#answer(page, page.view);
    });
    socket.on('close', () => this.#pages.delete(page));
  }

  #answer(page: Page, view: View): void {
    if (view.at === 'overview') tell(page, this.#overview(view.query));
    else if (view.at === 'machine') tell(page, this.#machine(view.peerId));
    else if (view.infoHash === this.#fleet.share.infoHash) this.#tellShare(page);
    else tell(page, { kind: 'missing' });
  }

  #tellShare(page: Page): void {
    const { share } = this.#fleet;
    const registeredAt = new Date(Date.now() - 95 * 60_000).toISOString();
    tell(page, { kind: 'share', ...share, fileCount: 1, registeredAt });
    const members = this.#fleet.members();
    for (let at = 0; at < members.length; at += AT_ONCE) {
      tell(page, { kind: 'members', infoHash: share.infoHash, changed: members.slice(at, at + AT_ONCE), gone: [] });
    }
  }

  #tick(): void {
    const due = Math.floor(((performance.now() - this.#startedAtMs) / 1000) * this.#fleet.options.changesPerSecond);
    for (; this.changes < due; this.changes++) {
      const changed = [this.#fleet.change()];
      const message: FromFleet = { kind: 'members', infoHash: this.#fleet.share.infoHash, changed, gone: [] };
      for (const page of this.#pages) if (page.view?.at === 'share') tell(page, message);
    }
  }

  #beat(): void {
    this.#throughput.shift();
    this.#throughput.push(this.#fleet.receivedTogether);
    for (const page of this.#pages) {
      if (page.view !== undefined && page.view.at !== 'share') this.#answer(page, page.view);
    }
  }

  #overview(query: string): FromFleet {
    const rows = this.#fleet.rows();
    const receivedBytesPerSecond = rows.reduce((sum, row) => sum + row.receivedBytesPerSecond, 0);
    const totals = {
      shares: rows.length,
      machines: this.#fleet.options.machines,
      receivedBytesPerSecond,
      sentBytesPerSecond: receivedBytesPerSecond,
    };
    const shares = rows.filter(({ name }) => name.toLowerCase().includes(query.toLowerCase()));
    return { kind: 'overview', query, shares, hasMore: false, totals, throughput: this.#throughput };
  }

  #machine(peerId: Parameters<SyntheticFleet['machineOf']>[0]): FromFleet {
    const machine = this.#fleet.machineOf(peerId);
    if (machine === undefined) return { kind: 'missing' };
    const at = new Date(Date.now() - 4 * 60_000).toISOString();
    const earlier = new Date(Date.now() - 52 * 60_000).toISOString();
    const lastWords = [
      { at: earlier, code: 'bad-piece', message: 'piece 1044 from 10.20.0.66:41900 fails SHA-256; it is banned' },
      { at, code: 'peer-unreachable', message: 'dialling 10.20.0.17:41900: ECONNREFUSED' },
    ];
    return { kind: 'machine', machine, holdings: this.#fleet.holdingsOf(peerId), lastWords };
  }

  /** What went before the feed began, so that the chart is not empty. */
  #past(second: number): number {
    const wave = 0.7 + 0.2 * Math.sin(second / 23) + 0.1 * Math.sin(second / 5);
    return this.#fleet.receivedTogether * Math.min(1, second / 60) * wave;
  }
}

function tell({ socket }: Page, message: FromFleet): void {
  socket.send(JSON.stringify(message));
}
