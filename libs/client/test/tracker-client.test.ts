import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener, type Server } from 'node:http';
import { asInfoHash, createMetainfo, LIMITS, sha256Hex, type InfoHash, type Metainfo } from '@shoal/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { TrackerClient } from '../src/tracker-client.ts';

const UNKNOWN: InfoHash = asInfoHash('a'.repeat(64))!;
const photos: Metainfo = createMetainfo({
  announce: 'http://localhost:8000',
  name: 'photos',
  pieceLength: 262_144,
  files: [{ path: ['photos'], length: 1, sha256: sha256Hex(new Uint8Array(1)) }],
  digests: new Uint8Array(32),
});

const servers: Server[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  }
});

/** A tracker that answers as the test says; gives its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`;
}

function answering(status: number, body: unknown, headers: Record<string, string> = {}): RequestListener {
  return (request, response) => {
    request.resume();
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

describe('registering', () => {
  it('puts the document under its info hash', async () => {
    const calls: unknown[] = [];
    const url = await serve((request, response) => {
      void bodyOf(request).then((body) => {
        calls.push([request.method, request.url, request.headers['content-type'], JSON.parse(body)]);
        answering(201, { infoHash: photos.infoHash, created: true })(request, response);
      });
    });
    expect(await new TrackerClient(url).register(photos)).toEqual({ infoHash: photos.infoHash, created: true });
    expect(calls).toEqual([['PUT', `/v1/shares/${photos.infoHash}`, 'application/json', photos.document]]);
  });
});

describe('getting a share', () => {
  it('gives its metainfo', async () => {
    const url = await serve(answering(200, photos.document));
    expect((await new TrackerClient(url).get(photos.infoHash)).info).toEqual(photos.info);
  });

  it('refuses what is not the share that was asked for', async () => {
    const url = await serve(answering(200, photos.document));
    await expect(new TrackerClient(url).get(UNKNOWN)).rejects.toMatchObject({ code: 'wrong-info-hash' });
  });

  it('stops reading what is too long, however long it goes on', async () => {
    const url = await serve((_request, response) => {
      const flow = (): void => {
        while (response.write(' '.repeat(65_536)));
      };
      response.on('drain', flow);
      flow();
    });
    await expect(new TrackerClient(url).get(photos.infoHash)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('reads a metainfo of 10 MiB', async () => {
    const url = await serve(answering(200, JSON.stringify(photos.document).padEnd(LIMITS.metainfoBytes, ' ')));
    expect((await new TrackerClient(url).get(photos.infoHash)).infoHash).toBe(photos.infoHash);
  });
});

describe('searching and asking', () => {
  const asked: URL[] = [];
  const fetchSearch: typeof fetch = (input) => {
    asked.push(new URL(input instanceof Request ? input.url : input));
    return Promise.resolve(Response.json({ shares: [] }));
  };

  it('sends any query as data', async () => {
    const client = new TrackerClient('localhost:8000', { fetch: fetchSearch });
    await client.search({ query: 'a&b=c #%"+é', limit: 5, cursor: '7' });
    expect(Object.fromEntries(asked.at(-1)?.searchParams ?? [])).toEqual({
      query: 'a&b=c #%"+é',
      limit: '5',
      cursor: '7',
    });
  });

  it.each([
    ['localhost:8000', 'http://localhost:8000/v1/shares?query=x'],
    ['https://tracker.example', 'https://tracker.example/v1/shares?query=x'],
    ['https://example.org/shoal/', 'https://example.org/shoal/v1/shares?query=x'],
  ])('works for a tracker at %s', async (url, expected) => {
    await new TrackerClient(url, { fetch: fetchSearch }).search({ query: 'x' });
    expect(asked.at(-1)?.href).toBe(expected);
  });

  it('asks for a swarm and for the tracker’s health', async () => {
    const paths: string[] = [];
    const url = await serve((request, response) => {
      paths.push(request.url ?? '');
      const swarm = { infoHash: UNKNOWN, seeders: 1, leechers: 0, peers: [] };
      answering(200, request.url?.includes('swarms') === true ? swarm : { status: 'ok' })(request, response);
    });
    const client = new TrackerClient(`${url}/prefix`);
    expect((await client.swarm(UNKNOWN)).seeders).toBe(1);
    await client.health();
    expect(paths).toEqual([`/prefix/v1/swarms/${UNKNOWN}`, '/prefix/healthz']);
  });
});

describe('a failure', () => {
  it.each([
    ['unknown-share', answering(404, { code: 'unknown-share', message: 'x', hint: 'y' }), 'nobody registered it'],
    [
      'tracker-refused',
      answering(503, { code: 'overloaded', message: 'too many', hint: 'y' }),
      'too many (overloaded)',
    ],
    ['tracker-refused', answering(418, { code: 'a-code-of-tomorrow', message: 'no', hint: 'y' }), 'a-code-of-tomorrow'],
    ['tracker-refused', answering(404, '<html>'), 'status 404'],
    ['tracker-refused', answering(200, '<html>'), 'does not answer like a Shoal tracker'],
    ['tracker-refused', answering(302, '', { location: 'http://other.example' }), 'status 302'],
    ['tracker-unreachable', (request: IncomingMessage) => request.socket.destroy(), 'asking who has'],
  ])('is told as %s', async (code, answer, says) => {
    const asking = new TrackerClient(await serve(answer)).swarm(UNKNOWN);
    await expect(asking).rejects.toMatchObject({ code, message: expect.stringContaining(says) as string });
  });

  it('to connect names the tracker and the reason', async () => {
    const url = await serve(() => undefined);
    servers[0]?.close();
    const message = expect.stringMatching(new RegExp(`${url}.*ECONNREFUSED`)) as string;
    await expect(new TrackerClient(url).health()).rejects.toMatchObject({ code: 'tracker-unreachable', message });
  });

  it('to answer in time is told as such', async () => {
    const client = new TrackerClient(await serve(() => undefined), { timeoutMs: 20 });
    await expect(client.health()).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('to go on answering in time is told as such', async () => {
    const client = new TrackerClient(await serve((_request, response) => response.writeHead(200).write('{')), {
      timeoutMs: 200,
    });
    await expect(client.health()).rejects.toMatchObject({ code: 'timed-out' });
  });

  it('that the caller brought about keeps the caller’s reason', async () => {
    const caller = new AbortController();
    const asking = new TrackerClient(await serve(() => undefined)).search({ query: '' }, caller.signal);
    caller.abort(new RangeError('enough'));
    await expect(asking).rejects.toThrow(RangeError);
  });
});

it('looks whether a share is in the catalogue without reading it', async () => {
  const url = await serve((request, response) => {
    const status = request.url?.endsWith(UNKNOWN) ? 404 : request.url?.endsWith(photos.infoHash) ? 200 : 503;
    response.writeHead(request.method === 'HEAD' ? status : 405, { 'content-length': 50_000_000 }).end();
  });
  const client = new TrackerClient(url);
  expect(await client.has(photos.infoHash)).toBe(true);
  expect(await client.has(UNKNOWN)).toBe(false);
  await expect(client.has(asInfoHash('b'.repeat(64))!)).rejects.toMatchObject({ code: 'tracker-refused' });
});
