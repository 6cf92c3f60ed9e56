/** Every call of the control API, as somebody may not make it: each row says the status and the code that it must get. */
import { CONTROL_CALLS, CONTROL_TOKEN_HEADER, LIMITS, type ControlPath } from '@shoal/protocol';
import { ENDLESS, type Call } from '../http-call.ts';
import type { Row } from '../table.ts';

/** One call. */
export interface ControlRow extends Row {
  readonly subject: string;
  readonly call: Call;
}

/** Where the API is and what opens it. */
export interface Door {
  readonly port: number;
  readonly token: string;
}

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS'] as const;
const HASH = 'ab'.repeat(32);
const FORBIDDEN = '403 forbidden-origin';
const UNAUTHORIZED = '401 unauthorized';
const WRONG_TYPE = '415 wrong-content-type';
const BAD_JSON = '400 bad-json';
const BAD_ARGUMENT = '400 bad-argument';
const TOO_LARGE = '413 too-large';

/** All rows. */
export function controlRows(door: Door): readonly ControlRow[] {
  return [...strangers(door), ...methods(door), ...bodies(door), ...paths(door)];
}

interface Listed {
  readonly path: string;
  readonly method: string;
  readonly subject: string;
}

/** Every call of the table, for an info hash that the agent does not have. */
function listedCalls(): readonly Listed[] {
  return Object.entries(CONTROL_CALLS).flatMap(([path, methods]) =>
    methods.map((method) => ({ path: path.replace('{infoHash}', HASH), method, subject: `${method} ${path}` })),
  );
}

/** Pages, rebound names and programs without the token: refused before anything is done, on every call. */
function strangers({ port, token }: Door): readonly ControlRow[] {
  const at = String(port);
  const hosts = ['evil.example', `evil.example:${at}`, '127.0.0.1', '127.0.0.1:1', `127.0.0.1.evil.example:${at}`];
  const more = [
    `0.0.0.0:${at}`,
    `[::]:${at}`,
    `LOCALHOST:${at}`,
    `localhost.:${at}`,
    `127.1:${at}`,
    `x@127.0.0.1:${at}`,
  ];
  const origins = ['https://evil.example', 'null', 'http://localhost', `https://127.0.0.1:${at}`, 'file://', ''];
  const pages = [
    `http://localhost.evil.example:${at}`,
    `http://127.0.0.1:${at}.evil.example`,
    'chrome-extension://abc',
  ];
  const guesses = [
    '',
    'x',
    token.slice(1),
    token.slice(0, -1),
    `${token}x`,
    `${token} x`,
    token.toUpperCase(),
    '0'.repeat(43),
  ];
  const wrong: readonly (readonly [string, string, Readonly<Record<string, string>>])[] = [
    ...[...hosts, ...more].map((host) => [`the host "${host}"`, FORBIDDEN, { host }] as const),
    ...[...origins, ...pages].map((origin) => [`a page from "${origin}"`, FORBIDDEN, { origin }] as const),
    ...guesses.map(
      (guess) => [`the token "${guess.slice(0, 8)}…"`, UNAUTHORIZED, { [CONTROL_TOKEN_HEADER]: guess }] as const,
    ),
    ['the token in another header', UNAUTHORIZED, { [CONTROL_TOKEN_HEADER]: '', authorization: `Bearer ${token}` }],
    [
      'a page with the token and a rebound name',
      FORBIDDEN,
      { host: `evil.example:${at}`, origin: `http://evil.example:${at}` },
    ],
  ];
  return listedCalls().flatMap(({ path, method, subject }) =>
    wrong.map(([name, must, headers]) => {
      const call = { method, path, headers: { ...open({ port, token }), ...headers }, body: '{}' };
      return { name: `${subject}: ${name}`, must, subject, call };
    }),
  );
}

/** Methods that a path does not have, and questions that a browser asks before it sends. */
function methods(door: Door): readonly ControlRow[] {
  const paths = Object.keys(CONTROL_CALLS) as ControlPath[];
  return paths.flatMap((path) => {
    const own: readonly string[] = CONTROL_CALLS[path];
    const others = METHODS.filter((method) => !own.includes(method));
    return others.map((method) => {
      const must = method === 'HEAD' ? '405' : '405 method-not-allowed';
      return rowOf(`${method} ${path}`, must, door, { method, path: path.replace('{infoHash}', HASH) });
    });
  });
}

/** What may not stand in a body, at every call that reads one. */
function bodies(door: Door): readonly ControlRow[] {
  const reading = ['/v1/shares', '/v1/downloads', '/v1/peers'];
  const typed = (type: string): Partial<Call> => ({ headers: { 'content-type': type }, body: '{}' });
  const kinds: readonly (readonly [string, string, Partial<Call>])[] = [
    ['no body', WRONG_TYPE, {}],
    ['a form', WRONG_TYPE, typed('application/x-www-form-urlencoded')],
    ['a form of parts', WRONG_TYPE, typed('multipart/form-data; boundary=x')],
    ['plain text', WRONG_TYPE, typed('text/plain')],
    ['plain text that says JSON', WRONG_TYPE, typed('text/plain; application/json')],
    ['almost JSON', WRONG_TYPE, typed('application/jsonp')],
    ...json([
      ['an empty body', BAD_JSON, ''],
      ['no JSON', BAD_JSON, '{'],
      ['no UTF-8', BAD_JSON, Uint8Array.of(0x22, 0xff, 0x22)],
      ['a key twice', BAD_JSON, '{"path":"/a","path":"/b"}'],
      ['32,000 brackets', BAD_JSON, '['.repeat(32_000)],
      ['17 levels', BAD_JSON, '['.repeat(17) + ']'.repeat(17)],
      ['a list', BAD_ARGUMENT, '[]'],
      ['null', BAD_ARGUMENT, 'null'],
      ['nothing in it', BAD_ARGUMENT, '{}'],
      ['__proto__', BAD_ARGUMENT, '{"__proto__":{"path":"/"}}'],
      ['constructor', BAD_ARGUMENT, '{"constructor":{}}'],
      ['a byte too many', TOO_LARGE, Buffer.alloc(LIMITS.largeMessageBytes + 1, 0x20)],
      ['chunks without end', TOO_LARGE, ENDLESS],
    ]),
  ];
  const generic = reading.flatMap((path) =>
    kinds.map(([name, must, call]) => rowOf(`POST ${path}: ${name}`, must, door, { method: 'POST', path, ...call })),
  );
  return [...generic, ...addresses(door)];
}

function addresses(door: Door): readonly ControlRow[] {
  const wrong = [
    { host: '', port: 1 },
    { host: 'a/b', port: 1 },
    { host: 'a b', port: 1 },
    { host: 'a@b', port: 1 },
    { host: '[::1]', port: 1 },
    { host: 'a\n', port: 1 },
    { host: 'x'.repeat(256), port: 1 },
    { host: 'a', port: 0 },
    { host: 'a', port: 65_536 },
    { host: 'a', port: '80' },
    { host: 'a', port: 1, extra: 1 },
  ];
  return wrong.map((address) =>
    rowOf(`POST /v1/peers: ${JSON.stringify(address).slice(0, 60)}`, BAD_ARGUMENT, door, {
      ...json([['', '', JSON.stringify(address)]])[0]?.[2],
      method: 'POST',
      path: '/v1/peers',
    }),
  );
}

function json(
  kinds: readonly (readonly [string, string, NonNullable<Call['body']>])[],
): (readonly [string, string, Partial<Call>])[] {
  return kinds.map(([name, must, body]) => [name, must, { headers: { 'content-type': 'application/json' }, body }]);
}

/** Paths and queries that lead nowhere, or out of where they may lead. */
function paths(door: Door): readonly ControlRow[] {
  const get = (path: string, must: string, method = 'GET'): ControlRow =>
    rowOf(`${method} ${path.slice(0, 60)}`, must, door, { method, path });
  const nowhere = [
    '/',
    '/v1',
    '/v1/',
    '//v1/status',
    '/v1/status/',
    '/v2/status',
    '/V1/STATUS',
    '/v1/../v1/status',
    '/control.json',
  ];
  const climbing = [
    '/v1/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
    '/v1/%73tatus',
    '/v1/transfers/../status',
    '*',
  ];
  const notHashes = [
    'x',
    '%00',
    '..',
    '%2e%2e%2fcontrol.json',
    'a'.repeat(63),
    'a'.repeat(65),
    '__proto__',
    '{infoHash}',
    '%zz',
  ];
  const queries = [
    '',
    '?',
    '?query=',
    '?query=a&query=b',
    '?q=a',
    '?query=a&x=1',
    '?__proto__=a',
    `?query=${'x'.repeat(257)}`,
  ];
  return [
    ...[...nowhere, ...climbing, '/v1/peer', '/v1/session', '/v1/__proto__', '/constructor'].map((path) =>
      get(path, '404 not-found'),
    ),
    ...notHashes.map((hash) => get(`/v1/metainfo/${hash}`, BAD_ARGUMENT)),
    ...notHashes.map((hash) => get(`/v1/transfers/${hash}`, BAD_ARGUMENT, 'DELETE')),
    get(`/v1/metainfo/${HASH}`, '404 unknown-share'),
    get(`/v1/transfers/${HASH}`, '404 unknown-share', 'DELETE'),
    ...queries.map((query) => get(`/v1/search${query}`, BAD_ARGUMENT)),
    get('/v1/search?query=%25%27%22%00', '200'),
    get('/v1/search?query=%ED%A0%80', '200'),
  ];
}

function rowOf(name: string, must: string, door: Door, { headers, ...call }: Call): ControlRow {
  return {
    name,
    must,
    subject: `${call.method} ${call.path}`,
    call: { ...call, headers: { ...open(door), ...headers } },
  };
}

function open({ port, token }: Door): Record<string, string> {
  return { host: `127.0.0.1:${String(port)}`, [CONTROL_TOKEN_HEADER]: token };
}
