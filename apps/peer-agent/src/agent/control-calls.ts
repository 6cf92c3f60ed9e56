/** The calls of the control API by method and path; docs/protocol.md lists them. */
import { isAbsolute } from 'node:path';
import type { AgentApi } from '@shoal/client';
import {
  addDownloadSchema,
  addShareSchema,
  asInfoHash,
  connectSchema,
  encodeMetainfo,
  LIMITS,
  parseJson,
  parseMetainfo,
  ShoalError,
  type ControlMethod,
  type ControlPath,
  type InfoHash,
} from '@shoal/protocol';
import * as z from 'zod';

/** What was asked, once it is known that the caller may. */
export interface Asked {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** The JSON that was sent; throws `too-large`, `wrong-content-type`. */
  readonly body: () => Promise<Uint8Array>;
}

type Call = (asked: Asked) => Promise<unknown>;
type CallsAt = Partial<Readonly<Record<string, Call>>>;
/** Every call of the protocol, and no other. */
type Calls = { readonly [P in ControlPath]: Readonly<Record<ControlMethod<P>, Call>> };

/** Finds what is asked and does it. Throws `not-found`, `method-not-allowed`, and what the call throws. */
export function createCalls(api: AgentApi): (asked: Asked) => Promise<unknown> {
  const calls: Calls = {
    '/v1/status': { GET: () => api.status() },
    '/v1/transfers': { GET: () => api.transfers() },
    '/v1/transfers/{infoHash}': { DELETE: (asked) => removeOne(api, asked) },
    '/v1/shares': { POST: (asked) => addShare(api, asked) },
    '/v1/downloads': { POST: (asked) => addDownload(api, asked) },
    '/v1/metainfo/{infoHash}': { GET: (asked) => metainfoOf(api, asked) },
    '/v1/peers': { GET: () => api.peers(), POST: async (asked) => api.connect(await bodyOf(asked, connectSchema)) },
    '/v1/search': { GET: (asked) => api.searchPeers(queryOf(asked)) },
    // Whoever answers ends the agent once the answer is out.
    [SHUTDOWN_PATH]: { POST: () => Promise.resolve({}) },
  };
  const byPath = new Map<string, CallsAt>(Object.entries(calls));
  return async (asked) => {
    const { method, path } = asked;
    const callsHere = byPath.get(path) ?? byPath.get(`${path.slice(0, path.lastIndexOf('/'))}/{infoHash}`);
    if (callsHere === undefined) {
      throw new ShoalError('not-found', `answering ${method} ${path}: there is no such call`);
    }
    const call = Object.hasOwn(callsHere, method) ? callsHere[method] : undefined;
    if (call === undefined) throw new ShoalError('method-not-allowed', `answering ${method} ${path}`);
    return call(asked);
  };
}

export const SHUTDOWN_PATH = '/v1/shutdown' satisfies ControlPath;

async function addShare(api: AgentApi, asked: Asked): Promise<object> {
  const { document, path } = await bodyOf(asked, addShareSchema);
  expectWhole(path);
  return api.addShare({ metainfo: parseMetainfo(document, `the metainfo of ${path}`), path });
}

async function addDownload(api: AgentApi, asked: Asked): Promise<object> {
  const { document, folder, tracker } = await bodyOf(asked, addDownloadSchema);
  expectWhole(folder);
  const metainfo = parseMetainfo(document, 'the metainfo of the download');
  return api.addDownload({ metainfo, folder, ...(tracker === undefined ? {} : { tracker }) });
}

/** From which folder the daemon was started is nobody's business: a caller names places in full. Throws `bad-argument`. */
function expectWhole(path: string): void {
  if (!isAbsolute(path)) throw new ShoalError('bad-argument', `reading the path "${path}": it must begin at the root`);
}

async function removeOne(api: AgentApi, asked: Asked): Promise<object> {
  await api.remove(infoHashOf(asked));
  return {};
}

async function metainfoOf(api: AgentApi, asked: Asked): Promise<object> {
  return { document: encodeMetainfo(await api.metainfo(infoHashOf(asked))) };
}

/** The last segment of the path. */
function infoHashOf({ path }: Asked): InfoHash {
  const text = path.slice(path.lastIndexOf('/') + 1);
  const infoHash = asInfoHash(text);
  if (infoHash === undefined) throw new ShoalError('bad-argument', `reading "${text}": it is not an info hash`);
  return infoHash;
}

async function bodyOf<T>({ path, body }: Asked, schema: z.ZodType<T>): Promise<T> {
  const boundary = { what: `the body of ${path}`, schema, maxBytes: LIMITS.largeMessageBytes };
  return parseJson(await body(), { ...boundary, code: 'bad-argument' });
}

const querySchema = z.tuple([z.tuple([z.literal('query'), z.string().min(1).max(LIMITS.queryLength)])]);

function queryOf({ path, query }: Asked): string {
  const result = querySchema.safeParse([...query]);
  if (result.success) return result.data[0][1];
  const most = String(LIMITS.queryLength);
  throw new ShoalError('bad-argument', `reading ${path}: give one query of 1 to ${most} characters`);
}
