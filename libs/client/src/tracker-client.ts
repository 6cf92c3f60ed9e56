import {
  LIMITS,
  normaliseTrackerUrl,
  parseJson,
  parseMetainfo,
  problemSchema,
  registerReplySchema,
  searchReplySchema,
  ShoalError,
  swarmReplySchema,
  type InfoHash,
  type Metainfo,
  type RegisterReply,
  type SearchReply,
  type SwarmReply,
} from '@shoal/protocol';
import * as z from 'zod';
import { readBounded } from './bounded-body.ts';

/** A metainfo of `LIMITS.metainfoBytes` may take this many times as long as any other answer. */
const METAINFO_PATIENCE = 6;

/** What a `TrackerClient` may be given instead of the usual. */
export interface TrackerClientOptions {
  readonly fetch?: typeof fetch;
  /** How long the tracker may take to answer; a metainfo may take longer. */
  readonly timeoutMs?: number;
}

/** One search. */
export interface ShareSearch {
  /** Any part of a name or inner path, in any case; empty for all shares. */
  readonly query: string;
  readonly limit?: number;
  /** `nextCursor` of the page before. */
  readonly cursor?: string;
}

interface Call {
  readonly method: 'GET' | 'HEAD' | 'PUT';
  readonly path: string;
  /** For messages: `registering photos`. */
  readonly doing: string;
  readonly body?: string;
  readonly signal?: AbortSignal | undefined;
  readonly maxBytes: number;
  readonly patience?: number;
}

/**
 * Asks a tracker once. Each call throws ShoalError `tracker-unreachable`, `timed-out`, `unknown-share`, or
 * `tracker-refused` with the tracker's own reason; a signal that aborts makes it throw the signal's reason.
 */
export class TrackerClient {
  /** The tracker's address in its one form. */
  readonly url: string;
  readonly #fetch: typeof fetch;
  readonly #timeoutMs: number;

  /** @throws ShoalError `bad-tracker-url` */
  constructor(
    url: string,
    { fetch: fetchToUse = fetch, timeoutMs = LIMITS.trackerReplyMs }: TrackerClientOptions = {},
  ) {
    this.url = normaliseTrackerUrl(url);
    this.#fetch = fetchToUse;
    this.#timeoutMs = timeoutMs;
  }

  /** Registers a share; it is in the tracker's catalogue for good when this resolves. Doing it again changes nothing. */
  async register(metainfo: Metainfo, signal?: AbortSignal): Promise<RegisterReply> {
    const call = {
      method: 'PUT' as const,
      path: `shares/${metainfo.infoHash}`,
      doing: `registering ${metainfo.info.name}`,
      body: JSON.stringify(metainfo.document),
      patience: METAINFO_PATIENCE,
      signal,
    };
    return this.#read(call, registerReplySchema);
  }

  /**
   * The metainfo of a share, proved by its hash.
   * @throws ShoalError also as `parseMetainfo`
   */
  async get(infoHash: InfoHash, signal?: AbortSignal): Promise<Metainfo> {
    const path = `shares/${infoHash}`;
    const doing = `getting the share ${infoHash}`;
    const maxBytes = LIMITS.metainfoBytes;
    const bytes = await this.#call({ method: 'GET', path, doing, maxBytes, patience: METAINFO_PATIENCE, signal });
    return parseMetainfo(bytes, `the metainfo from ${this.url}`, infoHash);
  }

  /** Whether a share is in the catalogue. */
  async has(infoHash: InfoHash, signal?: AbortSignal): Promise<boolean> {
    const doing = `looking for the share ${infoHash}`;
    try {
      await this.#call({ method: 'HEAD', path: `shares/${infoHash}`, doing, maxBytes: 0, signal });
      return true;
    } catch (error) {
      if (error instanceof ShoalError && error.code === 'unknown-share') return false;
      throw error;
    }
  }

  /** One page of shares whose name or inner paths contain the query, the newest first. */
  search({ query, limit, cursor }: ShareSearch, signal?: AbortSignal): Promise<SearchReply> {
    const parameters = new URLSearchParams({ query });
    if (limit !== undefined) parameters.set('limit', String(limit));
    if (cursor !== undefined) parameters.set('cursor', cursor);
    const path = `shares?${parameters.toString()}`;
    return this.#read({ method: 'GET', path, doing: `searching for "${query}"`, signal }, searchReplySchema);
  }

  /** Who is in a swarm, and how far each is. */
  swarm(infoHash: InfoHash, signal?: AbortSignal): Promise<SwarmReply> {
    const path = `swarms/${infoHash}`;
    return this.#read({ method: 'GET', path, doing: `asking who has ${infoHash}`, signal }, swarmReplySchema);
  }

  /** Resolves when the tracker is well, its database included. */
  async health(signal?: AbortSignal): Promise<void> {
    const health = z.looseObject({ status: z.literal('ok') });
    await this.#read({ method: 'GET', path: '../healthz', doing: 'asking for its health', signal }, health);
  }

  async #read<T>(query: Omit<Call, 'maxBytes'>, schema: z.ZodType<T>): Promise<T> {
    const maxBytes = LIMITS.largeMessageBytes;
    const call = { ...query, maxBytes };
    const bytes = await this.#call(call);
    try {
      return parseJson(bytes, { what: `the answer of ${this.url}`, schema, maxBytes, code: 'bad-message' });
    } catch (cause) {
      throw new ShoalError('tracker-refused', `${this.#say(call)}: it does not answer like a Shoal tracker`, { cause });
    }
  }

  async #call(call: Call): Promise<Uint8Array> {
    const deadline = AbortSignal.timeout(this.#timeoutMs * (call.patience ?? 1));
    const signals = [deadline, call.signal ?? []].flat();
    try {
      return await this.#exchange(call, AbortSignal.any(signals));
    } catch (cause) {
      call.signal?.throwIfAborted();
      if (cause instanceof ShoalError) throw cause;
      if (deadline.aborted) throw new ShoalError('timed-out', `${this.#say(call)}: no answer in time`, { cause });
      throw new ShoalError('tracker-unreachable', `${this.#say(call)}: ${reasonOf(cause)}`, { cause });
    }
  }

  async #exchange(call: Call, signal: AbortSignal): Promise<Uint8Array> {
    const response = await this.#fetch(new URL(call.path, `${this.url}/v1/`), {
      method: call.method,
      redirect: 'manual',
      signal,
      ...(call.body === undefined ? {} : { body: call.body, headers: { 'content-type': 'application/json' } }),
    });
    const bytes = await readBounded(response, response.ok ? call.maxBytes : LIMITS.httpBodyBytes);
    if (response.ok) return bytes;
    throw this.#refusal(call, response.status, bytes);
  }

  #refusal(call: Call, status: number, bytes: Uint8Array): ShoalError {
    // The answer to a HEAD has no body that would say so.
    if (call.method === 'HEAD' && status === 404) return new ShoalError('unknown-share', this.#say(call));
    const what = `the answer of ${this.url}`;
    try {
      const boundary = { what, schema: problemSchema, maxBytes: LIMITS.httpBodyBytes, code: 'bad-message' as const };
      const { code, message } = parseJson(bytes, boundary);
      if (code === 'unknown-share') return new ShoalError(code, `${this.#say(call)}: nobody registered it`);
      return new ShoalError('tracker-refused', `${this.#say(call)}: ${message} (${code})`);
    } catch (cause) {
      const reason = `it answered with status ${String(status)}, not like a Shoal tracker`;
      return new ShoalError('tracker-refused', `${this.#say(call)}: ${reason}`, { cause });
    }
  }

  #say({ doing }: Call): string {
    return `${doing} at the tracker ${this.url}`;
  }
}

/** The system's reason stands in the cause of what `fetch` throws. */
function reasonOf(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  if (!(cause instanceof Error)) return String(cause);
  return 'code' in cause ? String(cause.code) : cause.message;
}
