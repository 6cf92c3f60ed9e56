import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { request as requestHttp, type IncomingMessage } from 'node:http';
import { request as requestHttps } from 'node:https';
import { text } from 'node:stream/consumers';
import { LIMITS } from '@shoal/protocol';
import { eventually, Machine, Sandbox, sha256OfFile, writeSampleFile } from '@shoal/testbed';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { CADDY, NGINX, startProxy, whyNoProxy, type ReverseProxy } from '../src/reverse-proxy.ts';

/** Where clients come from in these tests: the proxy itself comes from 127.0.0.1. */
const CLIENT = { localAddress: '127.0.0.5', host: '127.0.0.1' };
const PEER = '1'.repeat(64);
const INFO_HASH = 'a'.repeat(64);

for (const kind of [NGINX, CADDY]) {
  const whyNot = await whyNoProxy(kind);

  describe(
    `behind ${kind.name}${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
    { skip: whyNot !== undefined },
    () => {
      let sandbox: Sandbox;
      let proxy: ReverseProxy;
      let ca: string;
      beforeEach(async () => {
        sandbox = await Sandbox.create();
        const server = await Machine.create(sandbox, 'server');
        server.setVariable('SHOAL_TRACKER_TRUST_PROXY', '1');
        proxy = await startProxy(kind, sandbox, (await server.startTracker()).port);
        ca = await readFile(proxy.authority, 'utf8');
        await eventually(`${kind.name} to answer`, async () => {
          if (!proxy.program.isRunning) throw new Error(`${kind.name} has ended:\n${proxy.program.output}`);
          return call('GET', '/healthz').catch(() => undefined);
        });
      });
      afterEach(() => sandbox.clear());

      /** One call over HTTPS, from the client's address. */
      async function call(method: string, path: string, body = ''): Promise<{ status: number; text: string }> {
        const options = { ...CLIENT, servername: 'localhost', port: proxy.httpsPort, ca, method, path };
        const headers = { host: 'localhost', 'content-type': 'application/json', 'content-length': body.length };
        const request = requestHttps({ ...options, headers, agent: false });
        // Who refuses a body may break off while it is still being sent.
        request.on('error', () => undefined);
        request.end(body);
        const [answer] = (await once(request, 'response')) as [IncomingMessage];
        return { status: answer.statusCode ?? 0, text: await text(answer) };
      }

      async function machine(name: string): Promise<Machine> {
        const made = await Machine.create(sandbox, name);
        made.setVariable('NODE_EXTRA_CA_CERTS', proxy.authority);
        return made;
      }

      it('a share is registered, found and downloaded over HTTPS', async () => {
        const tracker = `https://localhost:${String(proxy.httpsPort)}`;
        const [home, away] = [await machine('home'), await machine('away')];
        await home.startAgent();
        await writeSampleFile(home.path('film.bin'), 2 * 1024 ** 2);
        await home.run('share', 'film.bin', tracker);
        expect((await away.run('search', 'film', '--tracker', tracker)).stdout).toContain('film.bin');
        await away.run('download', 'film.bin', '--tracker', tracker);
        expect(await sha256OfFile(away.path('film.bin'))).toBe(await sha256OfFile(home.path('film.bin')));
      });

      it('the tracker sees in a session the address of the client', async () => {
        const url = `wss://localhost:${String(proxy.httpsPort)}/v1/session`;
        const options = { ...CLIENT, servername: 'localhost', ca };
        const socket = new WebSocket(url, options);
        await once(socket, 'open');
        socket.send(JSON.stringify({ kind: 'hello', version: 1, peerId: PEER, port: 0, agent: 'test' }));
        const [welcome] = (await once(socket, 'message')) as [Buffer];
        expect(JSON.parse(welcome.toString())).toMatchObject({ kind: 'welcome', observedHost: CLIENT.localAddress });
        socket.terminate();
      });

      it('a metainfo of the largest size gets to the tracker, and no larger body', async () => {
        const put = (bytes: number) => call('PUT', `/v1/shares/${INFO_HASH}`, ' '.repeat(bytes));
        const largest = await put(LIMITS.metainfoBytes);
        expect([largest.status, JSON.parse(largest.text)]).toMatchObject([400, { code: 'bad-json' }]);
        // Caddy passes on as much as it may, and then breaks off.
        expect([413, 502]).toContain((await put(LIMITS.metainfoBytes + 1)).status);
      });

      it('HTTP is sent to HTTPS, and metrics are not shown', async () => {
        const request = requestHttp({
          ...CLIENT,
          port: proxy.httpPort,
          headers: { host: 'localhost' },
          path: '/healthz',
        });
        request.end();
        const [answer] = (await once(request, 'response')) as [IncomingMessage];
        answer.resume();
        expect([301, 308]).toContain(answer.statusCode);
        expect(answer.headers.location).toMatch(/^https:\/\/localhost/);
        expect((await call('GET', '/metrics')).status).toBe(404);
      });
    },
  );
}
