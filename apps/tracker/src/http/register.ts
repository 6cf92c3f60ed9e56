import type { IncomingMessage, ServerResponse } from 'node:http';
import { asInfoHash, LIMITS, ShoalError, type InfoHash, type RegisterReply } from '@shoal/protocol';
import type { Catalogue } from '../core/catalogue.ts';
import { answerJson, expectJson, readWhole } from './plain-calls.ts';
import { problemOf } from './problem.ts';

/** Where a share stands in the catalogue, as Express writes it. */
export const SHARE_ROUTE = '/v1/shares/:infoHash';

const SHARE_PATH = SHARE_ROUTE.replace(':infoHash', '');
/** Metainfos being read and checked at once: so many, and together so many bytes, of which each takes memory several times. */
const MAX_REGISTRATIONS = 256;
const MAX_BYTES = 32 * LIMITS.metainfoBytes;

/** What the call works with. */
export interface RegisterParts {
  readonly catalogue: Pick<Catalogue, 'register'>;
  /** Something went wrong that is not the caller's fault. */
  readonly onDefect: (error: unknown, infoHash: InfoHash) => void;
}

/**
 * `PUT /v1/shares/{infoHash}`, on Node's own request and response, as the announce is and for the same reason (docs/adr/0013):
 * whoever moves a large catalogue makes it thousands of times a second.
 */
export class RegisterCall {
  readonly #parts: RegisterParts;
  #count = 0;
  #bytes = 0;

  constructor(parts: RegisterParts) {
    this.#parts = parts;
  }

  /** The info hash, if this is such a call with its path written in the usual way. */
  static infoHashIn({ method, url }: IncomingMessage): InfoHash | undefined {
    return method === 'PUT' && url?.startsWith(SHARE_PATH) ? asInfoHash(url.slice(SHARE_PATH.length)) : undefined;
  }

  /** Reads the metainfo, and answers when it is committed. */
  answer(request: IncomingMessage, response: ServerResponse, infoHash: InfoHash): void {
    const refuse = (error: unknown): void => {
      const { status, headers, body } = problemOf(error);
      if (status >= 500) this.#parts.onDefect(error, infoHash);
      answerJson(response, status, body, headers);
    };
    try {
      expectJson(request);
      this.#admit(request, response);
    } catch (error) {
      refuse(error);
      return;
    }
    readWhole(request, LIMITS.metainfoBytes, (body) => {
      this.#register(infoHash, body).then((reply) => {
        answerJson(response, reply.created ? 201 : 200, reply);
      }, refuse);
    });
  }

  async #register(infoHash: InfoHash, body: Uint8Array | ShoalError): Promise<RegisterReply> {
    if (body instanceof ShoalError) throw body;
    return { infoHash, created: await this.#parts.catalogue.register(infoHash, body) };
  }

  /** Keeps a place until the call is over, however it ends. */
  #admit(request: IncomingMessage, response: ServerResponse): void {
    const bytes = announcedBytes(request);
    if (this.#count >= MAX_REGISTRATIONS || this.#bytes + bytes > MAX_BYTES) {
      throw new ShoalError('overloaded', 'registering a share');
    }
    this.#count++;
    this.#bytes += bytes;
    response.once('close', () => {
      this.#count--;
      this.#bytes -= bytes;
    });
  }
}

/** What the body may take: as much as it says, or as much as it can. */
function announcedBytes({ headers }: IncomingMessage): number {
  const announced = Number(headers['content-length'] ?? NaN);
  return announced >= 0 ? Math.min(announced, LIMITS.metainfoBytes) : LIMITS.metainfoBytes;
}
