/** Every call of the tracker × every method × every kind of body, with the status and the code that it must get. */
import { LIMITS, TRACKER_CALLS, type TrackerPath } from '@shoal/protocol';
import { ENDLESS, type Call } from '../http-call.ts';
import type { Row } from '../table.ts';

/** One call; `path` is the one of the table. */
export interface CallRow extends Row {
  readonly subject: string;
  readonly call: Call;
}

const METHODS = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE'] as const;
const JSON_TYPE = { 'content-type': 'application/json' };

interface BodyKind {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Call['body'];
  /** What a call that reads its body answers; `form` stands for the code of its schema. */
  readonly must: string;
}

const WRONG_TYPE = '415 wrong-content-type';
const BAD_JSON = '400 bad-json';
const FORM = 'form';
const TOO_LARGE = '413 too-large';

/** What may be sent, by its name. @param maxBytes of a body here */
function bodyKinds(maxBytes: number): Readonly<Record<string, BodyKind>> {
  const json = (body: Call['body'], must: string): BodyKind => ({ headers: JSON_TYPE, body, must });
  const typed = (type: string): BodyKind => ({ headers: { 'content-type': type }, body: '{}', must: WRONG_TYPE });
  const encoded = (encoding: string): BodyKind => {
    return { headers: { ...JSON_TYPE, 'content-encoding': encoding }, body: '{}', must: WRONG_TYPE };
  };
  return {
    'no body': { must: WRONG_TYPE },
    'a form': typed('application/x-www-form-urlencoded'),
    'a form of parts': typed('multipart/form-data; boundary=x'),
    'plain text': typed('text/plain'),
    'almost JSON': typed('application/jsonp'),
    'two content types': typed('text/plain, application/json'),
    gzip: encoded('gzip'),
    deflate: encoded('deflate'),
    'an unknown encoding': encoded('x-bomb'),
    'an empty body': json('', BAD_JSON),
    'no JSON': json('{', BAD_JSON),
    'no UTF-8': json(Uint8Array.of(0x22, 0xff, 0x22), BAD_JSON),
    'a byte order mark': json('\ufeff{}', BAD_JSON),
    'UTF-16': json(Buffer.from('{}', 'utf16le'), BAD_JSON),
    'a list': json('[]', FORM),
    null: json('null', FORM),
    'a number': json('1e999', FORM),
    'an object without keys': json('{}', FORM),
    '16 levels': json(nested(LIMITS.jsonDepth), FORM),
    '17 levels': json(nested(LIMITS.jsonDepth + 1), BAD_JSON),
    '32,000 brackets': json('['.repeat(32_000), BAD_JSON),
    '32,000 objects': json('{"a":'.repeat(16_000), BAD_JSON),
    __proto__: json('{"__proto__":{"peerId":"x"}}', FORM),
    constructor: json('{"constructor":{"prototype":{}}}', FORM),
    'a key twice': json('{"swarms":[],"swarms":[]}', BAD_JSON),
    'a key with an escape': json('{"\\u0070ort":1}', BAD_JSON),
    '65 keys': json(`{${Array.from({ length: 65 }, (_, at) => `"k${String(at)}":1`).join()}}`, BAD_JSON),
    'a byte too many': json(Buffer.alloc(maxBytes + 1, 0x20), TOO_LARGE),
    'chunks without end': json(ENDLESS, TOO_LARGE),
  };
}

/**
 * The whole product.
 * @param infoHash of a share that is registered
 */
export function callRows(infoHash: string): readonly CallRow[] {
  const paths = Object.keys(TRACKER_CALLS) as TrackerPath[];
  return paths.flatMap((path) =>
    METHODS.flatMap((method) =>
      Object.entries(bodyKinds(maxBytesOf(path, method))).map(([name, kind]): CallRow => {
        const call = { method, path: path.replace('{infoHash}', infoHash), ...kind };
        return {
          name: `${method} ${path} with ${name}`,
          must: mustOf(path, method, kind),
          subject: `${method} ${path}`,
          call,
        };
      }),
    ),
  );
}

function mustOf(path: TrackerPath, method: string, { must }: BodyKind): string {
  const has = (TRACKER_CALLS[path] as readonly string[]).includes(method);
  // An answer to HEAD has no body that could name a code.
  if (!has) return method === 'HEAD' ? '405' : '405 method-not-allowed';
  if (method === 'GET' || method === 'HEAD') return '200';
  if (must !== FORM) return must;
  return method === 'PUT' ? '400 bad-metainfo' : '400 bad-message';
}

function maxBytesOf(path: TrackerPath, method: string): number {
  return path === '/v1/shares/{infoHash}' && method === 'PUT' ? LIMITS.metainfoBytes : LIMITS.httpBodyBytes;
}

function nested(levels: number): string {
  return '['.repeat(levels) + ']'.repeat(levels);
}

/** Paths and queries that lead nowhere. */
export function pathRows(infoHash: string): readonly CallRow[] {
  const get = (path: string, must: string): CallRow => {
    return { name: `GET ${path.slice(0, 60)}`, must, subject: path, call: { method: 'GET', path } };
  };
  const hash = (text: string): string => `/v1/shares/${text}`;
  const search = (query: string, must = '400 bad-message'): CallRow => get(`/v1/shares?${query}`, must);
  const nowhere = [
    '/index.html',
    '/assets/../main.js',
    '/v1',
    '/v2/shares',
    '//v1/shares',
    '/v1/shares/../../etc/passwd',
    '/%2e%2e/%2e%2e/etc/passwd',
  ];
  return [
    ...[...nowhere, '/v1/session', '/v1/peer', '/favicon.ico', '/.env', '/v1/shares/a/b'].map((path) =>
      get(path, '404 not-found'),
    ),
    get(hash('%2e%2e%2f%2e%2e%2fetc%2fpasswd'), '400 bad-message'),
    get(hash('%00'), '400 bad-message'),
    get(hash('%zz'), '400 bad-message'),
    get(hash('%E0%A4%A'), '400 bad-message'),
    get(hash(infoHash.toUpperCase()), '200'),
    get(hash(infoHash.slice(1)), '400 bad-message'),
    get(hash(`${infoHash}0`), '400 bad-message'),
    get(hash('__proto__'), '400 bad-message'),
    get(hash('cd'.repeat(32)), '404 unknown-share'),
    get(`/v1/swarms/${'cd'.repeat(32)}`, '404 unknown-share'),
    get('/v1/swarms/constructor', '400 bad-message'),
    search('limit=0'),
    search('limit=-1'),
    search('limit=101'),
    search('limit=1e9'),
    search('limit=1.5'),
    search('limit=NaN'),
    search('cursor=0'),
    search('cursor=-1'),
    search('cursor=1%20OR%201'),
    search(`cursor=${'9'.repeat(20)}`),
    search('unknown=1'),
    search('query=a&query=b'),
    search('query[]=a'),
    search('__proto__=a'),
    search('constructor=a'),
    search(`query=${'x'.repeat(LIMITS.queryLength)}`, '200'),
    search(`query=${'x'.repeat(LIMITS.queryLength + 1)}`),
    search(`query=${'x'.repeat(10 * 1024)}`),
  ];
}
