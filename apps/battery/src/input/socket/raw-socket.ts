/** A WebSocket client that does what it is told: whatever bytes, in whatever order. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { eventually } from '@shoal/testbed';
import { frame, OPCODE, takeFrames } from '../../web-socket-frames.ts';

/** How to ask for the upgrade. */
export interface Upgrade {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  /** Each replaces the usual header of its name, or takes it away when undefined. */
  readonly headers?: Readonly<Record<string, string | undefined>>;
}

const PATIENCE_MS = 20_000;

/** The upgrade was refused. */
export class Refused extends Error {
  /** As a row says it: `403 forbidden-origin`, `cut` when nothing was said. */
  readonly verdict: string;

  constructor(verdict: string) {
    super(`the upgrade was refused: ${verdict}`);
    this.verdict = verdict;
  }
}

export class RawSocket {
  /** Texts that came, in order; longer messages joined. */
  readonly texts: string[] = [];
  /** Called with every message as it comes. */
  onMessage: (message: { readonly kind: string; readonly [key: string]: unknown }) => void = () => undefined;
  /** Code of the close frame that came. */
  closeCode: number | undefined;
  pongs = 0;
  isEnded = false;
  /** Head of the answer to the upgrade. */
  readonly head: string;
  readonly #socket: Socket;
  #arrived: Buffer;
  #open: Buffer[] = [];
  #openText = false;

  private constructor(socket: Socket, head: string, rest: Buffer) {
    this.#socket = socket;
    this.head = head;
    this.#arrived = rest;
    socket.on('data', (chunk: Buffer) => {
      this.#arrived = Buffer.concat([this.#arrived, chunk]);
      this.#read();
    });
    socket.on('error', () => undefined).on('close', () => (this.isEnded = true));
    this.#read();
  }

  /** Asks for the upgrade. Throws Refused. */
  static async open({ port, path, method = 'GET', headers = {} }: Upgrade): Promise<RawSocket> {
    const usual = {
      Host: `127.0.0.1:${String(port)}`,
      Connection: 'Upgrade',
      Upgrade: 'websocket',
      'Sec-WebSocket-Version': '13',
      'Sec-WebSocket-Key': 'AAAAAAAAAAAAAAAAAAAAAA==',
    };
    const said: Readonly<Record<string, string | undefined>> = { ...usual, ...headers };
    const lines = Object.entries(said).flatMap(([name, value]) => (value === undefined ? [] : [`${name}: ${value}`]));
    const socket = connect(port, '127.0.0.1');
    await once(socket, 'connect');
    socket.write(`${method} ${path} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    const { head, rest } = await readHead(socket);
    const status = /^HTTP\/1\.1 (\d+)/.exec(head)?.[1];
    if (status === '101') return new RawSocket(socket, head, rest);
    socket.destroy();
    const code = /"code":"([a-z-]+)"/.exec(rest.toString())?.[1];
    throw new Refused(status === undefined ? 'cut' : [status, ...(code === undefined ? [] : [code])].join(' '));
  }

  /** Sends bytes as they are. */
  write(...bytes: readonly Uint8Array[]): void {
    if (!this.isEnded) this.#socket.write(Buffer.concat(bytes));
  }

  /** Sends a text in one frame. */
  say(text: string | Uint8Array): void {
    this.write(frame({ opcode: OPCODE.text, payload: text }));
  }

  /** Sends a message as JSON. */
  tell(message: object): void {
    this.say(JSON.stringify(message));
  }

  /** Waits for what has come, or will. */
  until<T>(what: string, look: (socket: this) => T | undefined): Promise<T> {
    return eventually(what, () => Promise.resolve(look(this)), PATIENCE_MS);
  }

  /** The first message of a kind that has come, or will; rejects when the other side ends before. */
  heard(kind: string): Promise<unknown> {
    return this.until(`a "${kind}"`, ({ messages, isEnded }) => {
      const message = messages.find((each) => each.kind === kind);
      if (message === undefined && isEnded) throw new Error(`it ended before a "${kind}"`);
      return message;
    });
  }

  /** Every text that came, as JSON. */
  get messages(): { readonly kind: string; readonly [key: string]: unknown }[] {
    return this.texts.map((text) => JSON.parse(text) as { kind: string });
  }

  /** Asks for a sign of life and waits for it; returns whether one came. */
  async ping(): Promise<boolean> {
    const before = this.pongs;
    this.write(frame({ opcode: OPCODE.ping, payload: 'there?' }));
    return this.until('a pong', ({ pongs, isEnded }) => (isEnded ? false : pongs > before ? true : undefined));
  }

  /** Cuts the connection. */
  cut(): void {
    this.#socket.destroy();
  }

  #read(): void {
    const { frames, rest } = takeFrames(this.#arrived);
    this.#arrived = rest;
    for (const { opcode, fin, payload } of frames) {
      if (opcode === OPCODE.pong) this.pongs++;
      else if (opcode === OPCODE.close) this.#closed(payload);
      else if (opcode < OPCODE.close) this.#takePart(opcode, payload, fin);
    }
  }

  #takePart(opcode: number, payload: Buffer, fin: boolean): void {
    if (opcode !== OPCODE.continuation) this.#openText = opcode === OPCODE.text;
    this.#open.push(payload);
    if (!fin) return;
    const text = Buffer.concat(this.#open).toString();
    this.#open = [];
    if (!this.#openText) return;
    this.texts.push(text);
    this.onMessage(JSON.parse(text) as { kind: string });
  }

  /** Says good-bye as well, so that the other side need not wait for it. */
  #closed(payload: Buffer): void {
    this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : 1005;
    this.#socket.end(frame({ opcode: OPCODE.close, payload }));
  }
}

async function readHead(socket: Socket): Promise<{ head: string; rest: Buffer }> {
  let arrived = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), PATIENCE_MS);
  try {
    await new Promise<void>((resolve) => {
      const take = (chunk: Buffer): void => {
        arrived = Buffer.concat([arrived, chunk]);
        const end = arrived.indexOf('\r\n\r\n');
        if (end === -1 || (!arrived.subarray(0, 13).includes(' 101') && !isWhole(arrived, end))) return;
        socket.off('data', take);
        resolve();
      };
      socket.on('data', take);
      socket.once('close', () => {
        resolve();
      });
      socket.once('error', () => undefined);
    });
  } finally {
    clearTimeout(timer);
  }
  const end = arrived.indexOf('\r\n\r\n');
  return { head: arrived.subarray(0, Math.max(0, end)).toString(), rest: arrived.subarray(end + 4) };
}

/** Whether a refusal has all of the body that it claims to have. */
function isWhole(arrived: Buffer, end: number): boolean {
  const claimed = Number(/^content-length: (\d+)/im.exec(arrived.subarray(0, end).toString())?.[1] ?? NaN);
  return arrived.length >= end + 4 + claimed;
}
