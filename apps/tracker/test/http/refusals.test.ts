import { request } from 'node:http';
import { connect } from 'node:net';
import { LIMITS, problemSchema } from '@shoal/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { infoHash, peerId } from '../core/desk-world.ts';
import { bytesOf, metainfo } from '../metainfos.ts';
import { StartedTracker, type CallOptions } from '../started-tracker.ts';

let tracker: StartedTracker;
beforeAll(async () => {
  tracker = await StartedTracker.start();
});
afterAll(async () => {
  await tracker.discard();
});

const photos = metainfo('photos');
const share = `/v1/shares/${photos.infoHash}`;
const announce = { peerId: peerId(1), port: 1, swarms: [{ infoHash: infoHash(1), left: 0 }] };

const put = (body: string | Uint8Array, headers: Record<string, string> = {}) => ({
  method: 'PUT',
  path: share,
  body,
  headers,
});
const post = (body: unknown, headers: Record<string, string> = {}) => ({
  method: 'POST',
  path: '/v1/announce',
  body: JSON.stringify(body),
  headers,
});
const long = 'x'.repeat(LIMITS.queryLength + 1);

interface Refusal extends CallOptions {
  readonly what: string;
  readonly method?: string;
  readonly path?: string;
  readonly status: number;
  readonly code: string;
}

const NOT_FOUND: Refusal[] = [
  { what: 'a path that does not exist', path: '/v2/shares', status: 404, code: 'not-found' },
  { what: 'a share that nobody registered', path: `/v1/shares/${infoHash(9)}`, status: 404, code: 'unknown-share' },
];
const BAD_CALLS: Refusal[] = [
  { what: 'malformed percent-encoding', path: '/v1/shares/%zz' },
  { what: 'half a character, percent-encoded', path: '/v1/swarms/%E0%A4%A' },
  { what: 'an info hash that is none', path: '/v1/shares/abc' },
  { what: 'an info hash that is none, before the body', method: 'PUT', path: '/v1/shares/abc', body: 'x' },
  { what: 'an unknown parameter', path: '/v1/shares?querry=x' },
  { what: 'a parameter given twice', path: '/v1/shares?query=a&query=b' },
  { what: 'a limit of nothing', path: '/v1/shares?limit=0' },
  { what: 'a limit above the page', path: `/v1/shares?limit=${String(LIMITS.searchPage + 1)}` },
  { what: 'a limit that is no number', path: '/v1/shares?limit=ten' },
  { what: 'a cursor that is none', path: '/v1/shares?cursor=x' },
  { what: 'a query that is too long', path: `/v1/shares?query=${long}` },
  { what: 'an announce without swarms', ...post({ ...announce, swarms: [] }) },
  { what: 'an announce with an unknown key', ...post({ ...announce, x: 1 }) },
  { what: 'an announce of a port that is none', ...post({ ...announce, port: 65_536 }) },
  { what: 'an announce of a host that is none', ...post({ ...announce, advertised: { host: 'a/b', port: 1 } }) },
].map((call) => ({ ...call, status: 400, code: 'bad-message' }));
const BAD_BODIES: Refusal[] = [
  {
    what: 'another content type',
    ...put('{}', { 'content-type': 'text/plain' }),
    status: 415,
    code: 'wrong-content-type',
  },
  { what: 'compression', ...put('{}', { 'content-encoding': 'gzip' }), status: 415, code: 'wrong-content-type' },
  { what: 'a body that is no JSON', ...put('{'), status: 400, code: 'bad-json' },
  { what: 'an empty body', ...put(''), status: 400, code: 'bad-json' },
  { what: 'a body that is no UTF-8', ...put(new Uint8Array([0x22, 0xff, 0x22])), status: 400, code: 'bad-json' },
  { what: 'a body that is too deep', ...put('['.repeat(32_000)), status: 400, code: 'bad-json' },
  { what: 'a metainfo that is none', ...put('{"hello":1}'), status: 400, code: 'bad-metainfo' },
  {
    what: 'a metainfo under another hash',
    ...put(bytesOf(photos)),
    path: `/v1/shares/${infoHash(9)}`,
    status: 400,
    code: 'wrong-info-hash',
  },
  {
    what: 'an announce that is too large',
    ...post(' '.repeat(LIMITS.httpBodyBytes)),
    status: 413,
    code: 'too-large',
  },
  {
    what: 'an announce of another content type',
    ...post(announce, { 'content-type': 'application/jsonp' }),
    status: 415,
    code: 'wrong-content-type',
  },
  {
    what: 'an announce that is compressed',
    ...post(announce, { 'content-encoding': 'gzip' }),
    status: 415,
    code: 'wrong-content-type',
  },
  {
    what: 'a method that the path does not have',
    method: 'DELETE',
    path: share,
    status: 405,
    code: 'method-not-allowed',
  },
];

describe('the tracker refuses', () => {
  it.each([...NOT_FOUND, ...BAD_CALLS, ...BAD_BODIES])(
    '$what',
    async ({ method = 'GET', path = '/', status, code, ...options }) => {
      const answer = await tracker.call(method, path, options);
      expect(answer.status).toBe(status);
      expect(problemSchema.parse(answer.json).code).toBe(code);
      expect(answer.text).not.toContain('node_modules');
    },
  );

  it.each([
    [share, 'GET, HEAD, PUT'],
    ['/v1/shares', 'GET, HEAD'],
    [`/v1/swarms/${infoHash(1)}`, 'GET, HEAD'],
    ['/v1/announce', 'POST'],
    ['/healthz', 'GET, HEAD'],
    ['/metrics', 'GET, HEAD'],
  ])('any other method at %s, and names those that it has', async (path, allowed) => {
    const answer = await tracker.call('PATCH', path);
    expect([answer.status, answer.headers.allow]).toEqual([405, allowed]);
  });

  it.each([
    ['PUT', share],
    ['POST', '/v1/announce'],
  ])('%s with a body without an end as soon as it is too long, and goes on', async (method, path) => {
    const chunk = Buffer.alloc(1024 * 1024, ' ');
    const status = await new Promise((resolve, reject) => {
      const headers = { 'content-type': 'application/json', connection: 'keep-alive' };
      const sent = request({ port: tracker.port, host: '127.0.0.1', method, path, headers });
      const more = (): void => {
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
  });

  it('headers that are too large', async () => {
    const answer = await tracker.call('GET', '/healthz', { headers: { x: 'x'.repeat(LIMITS.headerBytes) } });
    expect(answer.status).toBe(431);
  });

  it('headers that do not end', async () => {
    const socket = connect(tracker.port, '127.0.0.1');
    socket.write('GET /healthz HTTP/1.1\r\nHost: x\r\n');
    const chunks: string[] = [];
    for await (const chunk of socket) chunks.push(String(chunk));
    expect(chunks.join('')).toMatch(/^HTTP\/1\.1 408 /);
  });

  it('what is no HTTP at all, and goes on', async () => {
    const socket = connect(tracker.port, '127.0.0.1');
    socket.end('\0\0 garbage\r\n\r\n');
    const chunks: string[] = [];
    for await (const chunk of socket) chunks.push(String(chunk));
    expect(chunks.join('')).toMatch(/^HTTP\/1\.1 400 /);
    expect((await tracker.call('GET', '/healthz')).status).toBe(200);
  });

  it('all of this without an entry in its log that asks for action', () => {
    expect(tracker.logged.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
  });
});
