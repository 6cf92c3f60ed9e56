/** A program of its own that registers shares at a tracker, or looks for them, over connections that it keeps. */
import { readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import type { CallOrder, CallsMade } from './calls.ts';
import { ReplyReader } from './reply-reader.ts';
import { smallShare } from './small-share.ts';

const RETRY_MS = 100;
const END_MS = 2_000;

/** One call, as it goes over the wire. */
interface Call {
  readonly number: number;
  readonly text: string;
}

const order = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as CallOrder;
const calls = callsOf(order);
const done: number[] = [];
const latenciesMs: number[] = [];
const answeredAt: number[] = [];
const refused: Record<string, number> = {};
let begunAt = 0;
let endedAt = 0;
let open = order.connections;

function nextCall(): Call | undefined {
  const next = calls.next();
  return next.done === true ? undefined : next.value;
}

function* callsOf({ shares, kind }: CallOrder): Generator<Call> {
  const numbers = 'first' in shares ? counted(shares) : shares;
  for (const number of numbers) yield { number, text: kind === 'register' ? putOf(number) : getOf(number) };
}

function* counted({ first, count }: { first: number; count: number }): Generator<number> {
  for (let number = first; number < first + count; number++) yield number;
}

function putOf(number: number): string {
  const { infoHash, document } = smallShare(number);
  const head = `PUT /v1/shares/${infoHash} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n`;
  return `${head}Content-Length: ${document.length}\r\n\r\n${document}`;
}

function getOf(number: number): string {
  return `GET /v1/shares/${smallShare(number).infoHash} HTTP/1.1\r\nHost: localhost\r\n\r\n`;
}

/** Makes one call after the other; who is patient tries again what is refused. */
function work(): void {
  const socket = connect(order.port, '127.0.0.1').setNoDelay(true).setEncoding('latin1');
  let current: Call | undefined;
  let sentAt = 0;
  const send = (): void => {
    sentAt = performance.now();
    if (current !== undefined) socket.write(current.text);
  };
  const next = (): void => {
    current = nextCall();
    if (current === undefined) socket.end();
    else send();
  };
  const reader = new ReplyReader((status) => {
    endedAt = performance.now();
    if (status >= 300) {
      refused[status] = (refused[status] ?? 0) + 1;
      if (status === 503 && order.isPatient) setTimeout(send, RETRY_MS);
      else next();
      return;
    }
    latenciesMs.push(endedAt - sentAt);
    answeredAt.push(endedAt);
    if (current !== undefined) done.push(current.number);
    next();
  });
  socket.on('data', (text: string) => {
    reader.push(text);
  });
  socket.once('connect', () => {
    begunAt ||= performance.now();
    next();
  });
  // Whoever kills the tracker ends the calls; what was answered stands in `done`.
  socket.on('error', (error) => (refused[error.message] = (refused[error.message] ?? 0) + 1));
  socket.once('close', () => {
    if (--open === 0) finish();
  });
}

function rateAtEnd(): number {
  const spanMs = Math.min(END_MS, endedAt - begunAt);
  return answeredAt.filter((at) => at > endedAt - spanMs).length / (spanMs / 1_000);
}

function finish(): void {
  const made: CallsMade = {
    done,
    refused,
    seconds: (endedAt - begunAt) / 1_000,
    perSecondAtEnd: rateAtEnd(),
    latenciesMs,
  };
  writeFileSync(order.result, JSON.stringify(made));
  process.exit(0);
}

for (let connection = 0; connection < order.connections; connection++) work();
process.stdout.write('calling\n');
