/** What an agent may do wrong in a session, and how the session must end, or that it must go on. */
import { LIMITS, SESSION_MESSAGE_KINDS, type FromAgent } from '@shoal/protocol';
import { badFrames } from '../socket/bad-frames.ts';
import { badMessagesOf } from '../socket/bad-messages.ts';
import { frame, OPCODE } from '../../web-socket-frames.ts';
import type { RawSocket, Upgrade } from '../socket/raw-socket.ts';
import type { Row } from '../table.ts';
import { badVectors } from '../vectors.ts';

const HASH = 'ab'.repeat(32);
const STOOD = {
  infoHash: HASH as never,
  state: 'seeding',
  left: 0,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 1,
} as const;
const swarms = [{ infoHash: HASH as never, left: 1 }];

/** One message of every kind, so that a new kind cannot be forgotten. */
export const HONEST_SESSION_MESSAGES: { readonly [K in FromAgent['kind']]: Extract<FromAgent, { kind: K }> } = {
  hello: { kind: 'hello', version: 1, peerId: HASH as never, port: 0, agent: 'hostile' },
  announce: { kind: 'announce', swarms },
  progress: { kind: 'progress', swarms },
  leave: { kind: 'leave', infoHashes: [HASH as never] },
  follow: { kind: 'follow' },
  report: { kind: 'report', swarms: [STOOD] },
};

/** One row: `must` is how the session ends, or `goes on`. */
export interface SessionRow extends Row {
  /** Whether a hello was said before. */
  readonly isOpen: boolean;
  readonly kinds: readonly string[];
  readonly act: (session: RawSocket) => void;
}

/** All rows. */
export function sessionRows(): readonly SessionRow[] {
  return [...ofForm(), ...ofVectors(), ...ofFrames(), ...ofOrder()];
}

function ofForm(): readonly SessionRow[] {
  const maxBytes = LIMITS.sessionMessageBytes;
  return SESSION_MESSAGE_KINDS.fromAgent.flatMap((kind) => {
    const bounds = { optional: [], maxBytes, tooLarge: 'close 1009', farewell: 'error' } as const;
    return badMessagesOf(HONEST_SESSION_MESSAGES[kind], bounds).map(({ text, ...row }) => {
      return { ...row, isOpen: kind !== 'hello', kinds: [kind], act: saying(text) };
    });
  });
}

function ofVectors(): readonly SessionRow[] {
  const vectors = badVectors('tracker-messages').filter(({ of }) => of === 'fromAgent');
  return vectors.map(({ name, code, bytes }) => {
    return { name, must: `error ${code}`, isOpen: false, kinds: [], act: saying(Buffer.from(bytes).toString()) };
  });
}

function ofFrames(): readonly SessionRow[] {
  return [false, true].flatMap((isOpen) =>
    badFrames({ maxBytes: LIMITS.sessionMessageBytes, tooLarge: 'close 1009' }).map(({ name, must, bytes }) => {
      const act = (session: RawSocket): void => {
        session.write(bytes);
      };
      return { name: `${name}${isOpen ? ', after hello' : ''}`, must, isOpen, kinds: [], act };
    }),
  );
}

function ofOrder(): readonly SessionRow[] {
  const others = SESSION_MESSAGE_KINDS.fromAgent.filter((kind) => kind !== 'hello');
  const wrong = SESSION_MESSAGE_KINDS.fromTracker.map((kind) =>
    rowOf(`"${kind}", which the tracker says`, 'error bad-message', [{ kind }]),
  );
  const binary = (session: RawSocket): void => {
    session.write(frame({ opcode: OPCODE.binary, payload: '{"kind":"follow"}' }));
  };
  const { hello, leave, progress, follow, report } = HONEST_SESSION_MESSAGES;
  return [
    ...others.map((kind) => ({
      ...rowOf(`${kind} before hello`, 'error bad-message', [HONEST_SESSION_MESSAGES[kind]]),
      isOpen: false,
    })),
    ...wrong,
    rowOf('a second hello', 'error bad-message', [hello]),
    { name: 'a binary message', must: 'error bad-message', isOpen: true, kinds: [], act: binary },
    rowOf('leaving a swarm that it is not in', 'goes on', [leave, leave]),
    rowOf('progress in a swarm that it is not in', 'goes on', [progress]),
    rowOf('a report of a swarm that it is not in', 'goes on', [report]),
    rowOf('following twice', 'goes on', [follow, follow]),
  ];
}

function rowOf(name: string, must: string, sent: readonly { readonly kind: string }[]): SessionRow {
  const act = (session: RawSocket): void => {
    for (const message of sent) session.tell(message);
  };
  return { name, must, isOpen: true, kinds: sent.map(({ kind }) => kind), act };
}

function saying(text: string): (session: RawSocket) => void {
  return (session) => {
    session.say(text);
  };
}

/** A way to ask for a session that must be refused. */
export interface SessionUpgradeRow extends Row {
  readonly upgrade: Omit<Upgrade, 'port'>;
}

/** All of them. */
export function sessionUpgradeRows(path: string): readonly SessionUpgradeRow[] {
  const rowOf = (name: string, must: string, changes: Partial<Upgrade>): SessionUpgradeRow => {
    return { name, must, upgrade: { path, ...changes } };
  };
  return [
    rowOf('another path', '404 not-found', { path: '/' }),
    rowOf('the path of a link', '404 not-found', { path: '/v1/peer' }),
    rowOf('a path below', '404 not-found', { path: `${path}/x` }),
    rowOf('a page', '403 forbidden-origin', { headers: { Origin: 'http://localhost' } }),
    rowOf('a page without a name', '403 forbidden-origin', { headers: { Origin: 'null' } }),
    rowOf('version 12 of WebSocket', '400', { headers: { 'Sec-WebSocket-Version': '12' } }),
    rowOf('no key', '400', { headers: { 'Sec-WebSocket-Key': undefined } }),
    rowOf('a POST', '405', { method: 'POST' }),
    rowOf('another protocol', '400', { headers: { Upgrade: 'h2c' } }),
    rowOf('no upgrade', '404 not-found', { headers: { Upgrade: undefined, Connection: 'close' } }),
    rowOf('headers of 20 KiB', '431', { headers: { 'X-Long': 'x'.repeat(20 * 1024) } }),
    rowOf('what is no HTTP', '400', { method: '\u0000\u0001' }),
    rowOf('two lengths', '400', { headers: { 'Content-Length': '1\r\nContent-Length: 2' } }),
    rowOf('a length and chunks', '400', { headers: { 'Content-Length': '1', 'Transfer-Encoding': 'chunked' } }),
    rowOf('a length below nothing', '400', { headers: { 'Content-Length': '-1' } }),
  ];
}
