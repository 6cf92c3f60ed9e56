/** Bodies and answers on Node's own requests: for the one call that is made so often that Express' share of it counts. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { ShoalError } from '@shoal/protocol';

const JSON_TYPE = /^application\/json\s*(?:;|$)/i;

/** Refuses a body that does not say that it is JSON, or that is compressed. */
export function expectJson({ headers }: IncomingMessage): void {
  const type = headers['content-type'] ?? 'none';
  if (!JSON_TYPE.test(type)) {
    throw new ShoalError('wrong-content-type', `reading the body: its content type is ${type.slice(0, 100)}`);
  }
  const encoding = headers['content-encoding'] ?? 'identity';
  if (encoding.toLowerCase() !== 'identity') {
    throw new ShoalError('wrong-content-type', `reading the body: the encoding ${encoding.slice(0, 100)} is not read`);
  }
}

/**
 * Reads a body, and stops as soon as it is too long.
 * @param done called once with all of it, or with what went wrong; never when the caller goes away
 */
export function readWhole(
  request: IncomingMessage,
  maxBytes: number,
  done: (body: Uint8Array | ShoalError) => void,
): void {
  const chunks: Buffer[] = [];
  let length = 0;
  const take = (chunk: Buffer): void => {
    length += chunk.length;
    if (length <= maxBytes) {
      chunks.push(chunk);
      return;
    }
    request.off('data', take).off('end', finish);
    done(new ShoalError('too-large', `reading the body: it has more than the ${maxBytes} bytes that are allowed`));
  };
  const finish = (): void => {
    const [only] = chunks;
    done(chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks));
  };
  request.on('data', take).on('end', finish);
}

/** Answers with JSON, in one write of head and body. */
export function answerJson(
  response: ServerResponse,
  status: number,
  value: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  const text = JSON.stringify(value);
  response.writeHead(status, {
    'X-Content-Type-Options': 'nosniff',
    'Content-Type': 'application/json; charset=utf-8',
    'Content-Length': Buffer.byteLength(text),
    ...headers,
  });
  response.end(text);
}
