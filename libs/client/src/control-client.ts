import {
  agentStatusSchema,
  CONTROL_TOKEN_HEADER,
  encodeMetainfo,
  isErrorCode,
  LIMITS,
  metainfoReplySchema,
  parseJson,
  parseMetainfo,
  peerHitSchema,
  peerReportSchema,
  problemSchema,
  ShoalError,
  transferSchema,
  type AddDownload,
  type AddShare,
  type AgentStatus,
  type Connect,
  type InfoHash,
  type Metainfo,
  type PeerHit,
  type PeerReport,
  type Transfer,
} from '@shoal/protocol';
import * as z from 'zod';
import type { AgentApi, DataToSeed, ShareToGet } from './agent-api.ts';

/** Where an agent's control API listens on this machine, and the token that opens it. */
export interface ControlAddress {
  readonly port: number;
  readonly token: string;
}

interface Call<T> {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly path: string;
  readonly reply: z.ZodType<T>;
  readonly body?: object;
  readonly signal?: AbortSignal | undefined;
  readonly withinMs?: number;
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

/** An agent resumes a share of 100,000 files, or waits for a tracker's deadline, within this. */
const REPLY_MS = 60_000;
/** Whatever reads from the disk is done with this; `status` answers from memory. */
const STATUS_MS = 5_000;

const nothing = z.strictObject({});
const transfers = z.array(transferSchema).readonly();
const peerReports = z.array(peerReportSchema).readonly();
const peerHits = z.array(peerHitSchema).readonly();

/** The agent behind a control API. Throws `agent-unreachable`, `timed-out`, or what the agent answered. */
export class ControlClient implements AgentApi {
  readonly #address: ControlAddress;

  constructor(address: ControlAddress) {
    this.#address = address;
  }

  status(signal?: AbortSignal): Promise<AgentStatus> {
    return this.#call({ method: 'GET', path: 'status', reply: agentStatusSchema, signal, withinMs: STATUS_MS });
  }

  addShare({ metainfo, path }: DataToSeed, signal?: AbortSignal): Promise<Transfer> {
    const body: AddShare = { document: encodeMetainfo(metainfo), path };
    return this.#call({ method: 'POST', path: 'shares', reply: transferSchema, body, signal });
  }

  addDownload({ metainfo, ...where }: ShareToGet, signal?: AbortSignal): Promise<Transfer> {
    const body: AddDownload = { document: encodeMetainfo(metainfo), ...where };
    return this.#call({ method: 'POST', path: 'downloads', reply: transferSchema, body, signal });
  }

  transfers(signal?: AbortSignal): Promise<readonly Transfer[]> {
    return this.#call({ method: 'GET', path: 'transfers', reply: transfers, signal });
  }

  async metainfo(infoHash: InfoHash, signal?: AbortSignal): Promise<Metainfo> {
    const path = `metainfo/${infoHash}`;
    const { document } = await this.#call({ method: 'GET', path, reply: metainfoReplySchema, signal });
    return parseMetainfo(document, "the metainfo in the agent's answer", infoHash);
  }

  async remove(infoHash: InfoHash, signal?: AbortSignal): Promise<void> {
    await this.#call({ method: 'DELETE', path: `transfers/${infoHash}`, reply: nothing, signal });
  }

  peers(signal?: AbortSignal): Promise<readonly PeerReport[]> {
    return this.#call({ method: 'GET', path: 'peers', reply: peerReports, signal });
  }

  connect(body: Connect, signal?: AbortSignal): Promise<PeerReport> {
    return this.#call({ method: 'POST', path: 'peers', reply: peerReportSchema, body, signal });
  }

  searchPeers(query: string, signal?: AbortSignal): Promise<readonly PeerHit[]> {
    const path = `search?${new URLSearchParams({ query }).toString()}`;
    return this.#call({ method: 'GET', path, reply: peerHits, signal });
  }

  async shutdown(): Promise<void> {
    await this.#call({ method: 'POST', path: 'shutdown', reply: nothing, body: {} });
  }

  async #call<T>(call: Call<T>): Promise<T> {
    const { status, text } = await this.#exchange(call);
    const what = `the agent's answer to ${call.method} /v1/${call.path}`;
    const boundary = { what, maxBytes: LIMITS.largeMessageBytes, code: 'bad-message' as const };
    if (status < 400) return parseJson(text, { ...boundary, schema: call.reply });
    const { code, message } = parseJson(text, { ...boundary, schema: problemSchema });
    throw new ShoalError(isErrorCode(code) ? code : 'internal', message);
  }

  async #exchange({ method, path, body, signal, withinMs = REPLY_MS }: Call<unknown>): Promise<Answer> {
    const deadline = AbortSignal.timeout(withinMs);
    try {
      const response = await fetch(`http://127.0.0.1:${String(this.#address.port)}/v1/${path}`, {
        method,
        headers: { [CONTROL_TOKEN_HEADER]: this.#address.token, 'content-type': 'application/json' },
        signal: signal === undefined ? deadline : AbortSignal.any([signal, deadline]),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      return { status: response.status, text: await response.text() };
    } catch (cause) {
      signal?.throwIfAborted();
      const doing = `asking the agent on port ${String(this.#address.port)} for ${path}`;
      if (deadline.aborted) throw new ShoalError('timed-out', `${doing}: no answer in time`, { cause });
      throw new ShoalError('agent-unreachable', `${doing}: it does not answer`, { cause });
    }
  }
}
