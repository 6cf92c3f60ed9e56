/** A page that shows the files of one share and nothing else, made of the dashboard's own panel and served at an address of its own. */
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import type { InfoHash, SwarmMember } from '@shoal/protocol';
import { build } from 'esbuild';

const DASHBOARD = resolve(import.meta.dirname, '../../../dashboard');
/** What the tracker says of its page. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
].join('; ');
const PAGE = `<!doctype html><title>Shoal</title><link rel="stylesheet" href="/page.css">
<div id="root"></div><script type="module" src="/page.js"></script>`;
/** Who has the share comes from where the page came from, again and again, as the tracker would tell it. */
const SCRIPT = `
import { createElement, useEffect, useState } from 'react';
import { createRoot } from 'react-dom/client';
import { config } from 'zod';
import { FilesPanel } from './src/download/files-panel.tsx';
config({ jitless: true });
function Page() {
  const [told, setTold] = useState();
  useEffect(() => {
    const ask = async () => setTold(await (await fetch('/told.json')).json());
    ask();
    const timer = setInterval(ask, 500);
    return () => clearInterval(timer);
  }, []);
  useEffect(() => {
    document.title = 'agents: ' + (told?.members.length ?? 0);
  }, [told]);
  return told === undefined ? null : createElement(FilesPanel, told);
}
createRoot(document.getElementById('root')).render(createElement(Page));`;

/** What the page is told: which share, and who has it. */
interface Told {
  readonly infoHash: InfoHash;
  readonly members: readonly SwarmMember[];
}

export interface SmallPage {
  readonly origin: string;
  readonly port: number;
  /** Changes what the page is told. */
  tell(told: Told): void;
  stop(): Promise<void>;
}

/** The script and the style of the page. */
export async function bundlePage(): Promise<ReadonlyMap<string, Uint8Array>> {
  const { outputFiles } = await build({
    stdin: { contents: SCRIPT, resolveDir: DASHBOARD, loader: 'tsx' },
    ...{ bundle: true, write: false, format: 'esm', outfile: '/page.js', jsx: 'automatic', minify: true },
    define: { 'process.env.NODE_ENV': '"production"' },
  });
  return new Map(outputFiles.map(({ path, contents }) => [path, contents]));
}

/** Serves the page at a free port of this machine; what it asks of the tracker it gets from there. */
export async function servePage(files: ReadonlyMap<string, Uint8Array>, tracker: string): Promise<SmallPage> {
  let told: Told | undefined;
  const server = createServer((request, response) => {
    const path = request.url ?? '/';
    const file = files.get(path);
    if (path === '/') answer(response, 'text/html', PAGE);
    else if (path === '/told.json') answer(response, 'application/json', JSON.stringify(told));
    else if (file !== undefined) answer(response, path.endsWith('.css') ? 'text/css' : 'text/javascript', file);
    else void passOn(tracker + path, response);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    origin: `http://127.0.0.1:${port}`,
    port,
    tell: (next) => (told = next),
    stop: async () => {
      server.closeAllConnections();
      await new Promise((done) => server.close(done));
    },
  };
}

async function passOn(url: string, response: ServerResponse): Promise<void> {
  const found = await fetch(url);
  response.statusCode = found.status;
  answer(response, 'application/json', new Uint8Array(await found.arrayBuffer()));
}

function answer(response: ServerResponse, type: string, body: string | Uint8Array): void {
  response.setHeader('Content-Type', `${type}; charset=utf-8`).setHeader('Content-Security-Policy', POLICY).end(body);
}
