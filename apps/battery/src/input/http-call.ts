/** One HTTP call as a stranger makes it: any method, path, header and body, nothing repaired on the way. */
import { request, type IncomingHttpHeaders, type IncomingMessage } from 'node:http';
import { problemSchema } from '@shoal/protocol';

/** A body of chunks that never end. */
export const ENDLESS = Symbol('endless');

/** What to send. */
export interface Call {
  readonly method: string;
  readonly path: string;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  /** Bytes whose length is said, or chunks without an end. */
  readonly body?: Uint8Array | string | typeof ENDLESS | undefined;
}

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
  /** The code of the problem, if it is one. */
  readonly code: string | undefined;
}

const PATIENCE_MS = 30_000;
const CHUNK = Buffer.alloc(64 * 1024, 0x20);

/** Makes the call; rejects when nothing comes back. */
export async function callHttp(port: number, call: Call): Promise<Answer> {
  const { method, path, headers = {}, body } = call;
  const sent = request({
    host: '127.0.0.1',
    port,
    method,
    path,
    agent: false,
    headers: { ...framingOf(body), ...copyOf(headers) },
  });
  const deadline = setTimeout(() => sent.destroy(new Error('no answer in time')), PATIENCE_MS);
  sent.once('close', () => {
    clearTimeout(deadline);
  });
  const answered = new Promise<IncomingMessage>((resolve, reject) => {
    sent.on('response', resolve).on('error', reject);
  });
  if (body === ENDLESS) pourInto(sent);
  else sent.end(body);
  const response = await answered;
  // Who answers before it has read everything may cut what is still being sent.
  sent.removeAllListeners('error').on('error', () => undefined);
  const text = await textOf(response);
  sent.destroy();
  return { status: response.statusCode ?? 0, headers: response.headers, text, code: codeIn(text) };
}

/** What came back, as a row says it: `200`, `400 bad-json`. */
export function verdictOf({ status, code }: Pick<Answer, 'status' | 'code'>): string {
  return code === undefined ? String(status) : `${String(status)} ${code}`;
}

/**
 * Said for every method: without it a body would be taken for the next call. The connection is kept, since who sends into
 * one that was closed does not see the answer.
 */
function framingOf(body: Call['body']): Record<string, string> {
  if (body === undefined) return {};
  const connection = 'keep-alive';
  return body === ENDLESS
    ? { connection, 'transfer-encoding': 'chunked' }
    : { connection, 'content-length': String(Buffer.byteLength(body)) };
}

function copyOf(headers: Readonly<Record<string, string | readonly string[]>>): Record<string, string | string[]> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name, typeof value === 'string' ? value : [...value]]),
  );
}

/** Sends chunks for as long as the other side takes them. */
function pourInto(sent: ReturnType<typeof request>): void {
  const more = (): void => {
    while (!sent.destroyed && sent.write(CHUNK));
  };
  sent.on('drain', more);
  more();
}

async function textOf(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  try {
    for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  } catch (error) {
    // The answer is there; only the end of the connection was rude.
    if (!response.complete && chunks.length === 0) throw error;
  }
  return Buffer.concat(chunks).toString();
}

function codeIn(text: string): string | undefined {
  try {
    return problemSchema.safeParse(JSON.parse(text)).data?.code;
  } catch {
    return undefined;
  }
}
