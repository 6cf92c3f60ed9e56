import { request } from 'node:http';
import { ControlClient, type AgentApi, type DataToSeed } from '@shoal/client';
import { CONTROL_TOKEN_HEADER, encodeMetainfo, LIMITS, ShoalError, type InfoHash } from '@shoal/protocol';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startControlServer, type ControlServer } from '../../src/agent/control-server.ts';
import { aMetainfo, aTransfer, hashNumber } from '../samples.ts';

const token = 'a-token-of-32-characters-or-more';
const transfer = aTransfer();
const hello = aMetainfo('hello.txt', 'hello');

/** An agent that remembers what it was asked. */
class FakeAgent implements AgentApi {
  readonly added: DataToSeed[] = [];
  readonly removed: InfoHash[] = [];
  readonly queries: string[] = [];

  status = () => Promise.reject(new Error('secret detail'));
  addShare = (share: DataToSeed) => {
    this.added.push(share);
    return Promise.resolve(transfer);
  };
  addDownload = () => Promise.reject(new ShoalError('target-exists', 'writing photos: it is there'));
  transfers = () => Promise.resolve([transfer]);
  metainfo = (infoHash: InfoHash) =>
    infoHash === hello.infoHash
      ? Promise.resolve(hello)
      : Promise.reject(new ShoalError('unknown-share', 'no linked peer has it'));
  remove = (infoHash: InfoHash) => {
    this.removed.push(infoHash);
    return Promise.resolve();
  };
  peers = () => Promise.resolve([]);
  connect = () => Promise.reject(new ShoalError('peer-unreachable', 'connecting'));
  searchPeers = (query: string) => {
    this.queries.push(query);
    return Promise.resolve([]);
  };
  shutdown = () => Promise.resolve();
}

let agent: FakeAgent;
let server: ControlServer;
let shutdowns = 0;

beforeEach(async () => {
  agent = new FakeAgent();
  shutdowns = 0;
  server = await startControlServer({ api: agent, token, onShutdown: () => shutdowns++ });
});
afterEach(() => server.stop());

interface Ask {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** One request as a stranger would make it; `fetch` would not let us choose the host. */
async function ask({ method = 'GET', path = '/v1/transfers', headers = {}, body }: Ask): Promise<{
  status: number | undefined;
  headers: Record<string, unknown>;
  code: unknown;
}> {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const sent = request({ port: server.port, host: '127.0.0.1', method, path, headers: { ...own(), ...headers } });
    sent.on('response', resolve).on('error', reject).end(body);
  });
  let text = '';
  for await (const chunk of response) text += String(chunk);
  const value = JSON.parse(text) as { code?: unknown };
  return { status: response.statusCode, headers: response.headers, code: value.code };
}

const own = (): Record<string, string> => ({
  host: `127.0.0.1:${String(server.port)}`,
  [CONTROL_TOKEN_HEADER]: token,
});
const json = { 'content-type': 'application/json' };

describe('who may ask', () => {
  test('answers the owner of the token, under every name of this machine', async () => {
    for (const name of ['127.0.0.1', 'localhost', '[::1]']) {
      const { status } = await ask({ headers: { host: `${name}:${String(server.port)}` } });
      expect(status).toBe(200);
    }
  });

  test.each([
    '127.0.0.1',
    '127.0.0.1:1',
    'evil.example',
    '127.0.0.1.evil.example:PORT',
    '0.0.0.0:PORT',
    '192.168.1.1:PORT',
  ])('refuses the host %s', async (host) => {
    const { status, code } = await ask({ headers: { host: host.replace('PORT', String(server.port)) } });
    expect([status, code]).toEqual([403, 'forbidden-origin']);
  });

  test.each([
    'https://evil.example',
    'null',
    'http://localhost:1',
    'https://127.0.0.1:PORT',
    'http://localhost.evil.example',
  ])('refuses a page from %s, even with the token', async (origin) => {
    const { status, code } = await ask({ headers: { origin: origin.replace('PORT', String(server.port)) } });
    expect([status, code]).toEqual([403, 'forbidden-origin']);
  });

  test.each(['/v1/status', '/v1/transfers', '/v1/peers', '/v1/search?query=a', '/v1/nothing', '/'])(
    'refuses %s without the token',
    async (path) => {
      for (const wrong of ['', 'wrong', `${token}x`]) {
        const { status, code } = await ask({ path, headers: { [CONTROL_TOKEN_HEADER]: wrong } });
        expect([status, code]).toEqual([401, 'unauthorized']);
      }
    },
  );

  test('does not shut down for a stranger', async () => {
    const { status } = await ask({ method: 'POST', path: '/v1/shutdown', headers: { [CONTROL_TOKEN_HEADER]: 'x' } });
    expect([status, shutdowns]).toEqual([401, 0]);
  });

  test('lets no page read its answers', async () => {
    const { headers } = await ask({
      method: 'OPTIONS',
      headers: { origin: `http://localhost:${String(server.port)}` },
    });
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
  });
});

describe('what may be sent', () => {
  const shares = { method: 'POST', path: '/v1/shares' };
  const document = encodeMetainfo(hello);
  const share = JSON.stringify({ document, path: '/data' });

  test('takes a share as JSON', async () => {
    expect(await ask({ ...shares, headers: json, body: share })).toMatchObject({ status: 200 });
    expect(agent.added).toMatchObject([{ metainfo: { infoHash: hello.infoHash }, path: '/data' }]);
  });

  test.each(['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data'])(
    'refuses %s, which a page could send',
    async (type) => {
      const { status, code } = await ask({ ...shares, headers: { 'content-type': type }, body: share });
      expect([status, code, agent.added]).toEqual([415, 'wrong-content-type', []]);
    },
  );

  test.each([
    ['{', 'bad-json'],
    ['[]', 'bad-argument'],
    ['{"document":"{}"}', 'bad-argument'],
    ['{"document":"{}","path":"/data","extra":1}', 'bad-argument'],
    ['['.repeat(32_000), 'bad-json'],
    [JSON.stringify({ document: document.replace('hello.txt', '../x'), path: '/data' }), 'unsafe-path'],
  ])('refuses the body %.20s', async (body, expected) => {
    const { status, code } = await ask({ ...shares, headers: json, body });
    expect([status, code, agent.added]).toEqual([400, expected, []]);
  });

  test('refuses a body that is larger than any metainfo', async () => {
    const body = ' '.repeat(LIMITS.largeMessageBytes + 1);
    expect(await ask({ ...shares, headers: json, body })).toMatchObject({ status: 413, code: 'too-large' });
  });

  test.each([
    ['/v1/shares', 'path'],
    ['/v1/downloads', 'folder'],
  ])('refuses a place at %s that is not named from the root on', async (path, key) => {
    for (const place of ['data', './data', '', '..']) {
      const body = JSON.stringify({ document, [key]: place });
      expect(await ask({ method: 'POST', path, headers: json, body })).toMatchObject({
        status: 400,
        code: 'bad-argument',
      });
    }
    expect(agent.added).toEqual([]);
  });

  test('answers a body without an end as soon as it is too long', async () => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    let sentBytes = 0;
    const status = await new Promise((resolve, reject) => {
      const headers = { ...own(), ...json, connection: 'keep-alive' };
      const sent = request({ port: server.port, host: '127.0.0.1', ...shares, headers });
      const more = (): void => {
        do sentBytes += chunk.length;
        while (!sent.destroyed && sent.write(chunk));
      };
      sent.on('drain', more).on('error', reject);
      sent.on('response', (response) => {
        sent.removeListener('error', reject).on('error', () => undefined);
        sent.destroy();
        resolve(response.statusCode);
      });
      more();
    });
    expect(status).toBe(413);
    // What the sockets hold comes on top.
    expect(sentBytes).toBeLessThan(2 * LIMITS.largeMessageBytes);
  });

  test('takes a query of 256 characters and refuses one more', async () => {
    const most = 'q'.repeat(LIMITS.queryLength);
    expect(await ask({ path: `/v1/search?query=${most}` })).toMatchObject({ status: 200 });
    for (const path of [`/v1/search?query=${most}q`, '/v1/search', '/v1/search?query=', '/v1/search?query=a&query=b']) {
      expect(await ask({ path })).toMatchObject({ status: 400, code: 'bad-argument' });
    }
    expect(agent.queries).toEqual([most]);
  });

  test('removes a share by its info hash only', async () => {
    const removal = { method: 'DELETE', headers: json };
    expect(await ask({ ...removal, path: `/v1/transfers/${hashNumber(7)}` })).toMatchObject({ status: 200 });
    expect(await ask({ ...removal, path: '/v1/transfers/photos' })).toMatchObject({ status: 400 });
    expect(agent.removed).toEqual([hashNumber(7)]);
  });
});

describe('what is answered', () => {
  test('tells an error by its code', async () => {
    const client = new ControlClient({ port: server.port, token });
    await expect(client.addDownload({ metainfo: hello, folder: '/data' })).rejects.toMatchObject({
      code: 'target-exists',
      message: 'writing photos: it is there',
    });
  });

  test('knows neither other calls nor other methods', async () => {
    expect(await ask({ path: '/v1/nothing' })).toMatchObject({ status: 404, code: 'not-found' });
    expect(await ask({ method: 'PUT' })).toMatchObject({ status: 405, code: 'method-not-allowed' });
  });

  test('does not show the stack of a defect', async () => {
    const { status, code } = await ask({ path: '/v1/status' });
    expect([status, code]).toEqual([500, 'internal']);
  });

  test('ends the daemon after the answer is out', async () => {
    await new ControlClient({ port: server.port, token }).shutdown();
    await expect.poll(() => shutdowns).toBe(1);
  });
});

test('hands out the metainfo of a share that the agent can get, and no other', async () => {
  const client = new ControlClient({ port: server.port, token });
  expect((await client.metainfo(hello.infoHash)).document).toEqual(hello.document);
  await expect(client.metainfo(hashNumber(1))).rejects.toMatchObject({ code: 'unknown-share' });
  expect(await ask({ path: '/v1/metainfo/xyz' })).toMatchObject({ status: 400, code: 'bad-argument' });
});
