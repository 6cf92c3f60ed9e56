/** A peer made of nothing but a socket: says what it is told to, right or wrong, and notes what it hears. */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import {
  encodePeerMessage,
  parsePeerMessage,
  PEER_PATH,
  PEER_PROTOCOL_VERSION,
  PEER_SUBPROTOCOL,
  peerIdOf,
  type InfoHash,
  type PeerId,
  type PeerMessage,
} from '@shoal/protocol';
import { eventually } from '@shoal/testbed';
import { frame, MessageReader, OPCODE } from '../web-socket-frames.ts';

/** Where to dial, and from which of this machine's addresses. */
export interface Dialled {
  readonly port: number;
  /** One of 127.0.0.0/8: another address, another stranger. */
  readonly from?: string;
}

/** How a connection ended. */
export interface Ending {
  readonly atMs: number;
  /** Why, if the other side said so. */
  readonly code: string | undefined;
}

type MessageOf<K extends PeerMessage['kind']> = Extract<PeerMessage, { kind: K }>;

const HOST = '127.0.0.1';
const PATIENCE_MS = 60_000;
const HEAD_END = '\r\n\r\n';

/** A TCP connection that errors of the other side do not disturb; resolves when it stands, or not at all. */
export async function openSocket({ port, from = HOST }: Dialled): Promise<Socket> {
  const socket = connect({ host: HOST, port, localAddress: from });
  socket.on('error', () => undefined);
  await Promise.race([once(socket, 'connect'), once(socket, 'close')]);
  return socket;
}

/** The head of the HTTP request that opens a link. */
export function upgradeHead(): string {
  const lines = [
    `GET ${PEER_PATH} HTTP/1.1`,
    `Host: ${HOST}`,
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
    `Sec-WebSocket-Protocol: ${PEER_SUBPROTOCOL}`,
  ];
  return lines.join('\r\n') + HEAD_END;
}

export class RawPeer {
  readonly socket: Socket;
  readonly peerId: PeerId;
  /** All control messages that came. */
  readonly heard: PeerMessage[] = [];
  /** When it was dialled, and how it ended. */
  readonly dialledMs: number;
  ending: Ending | undefined;
  blockBytes = 0;
  #byeCode: string | undefined;

  private constructor(socket: Socket, peerId: PeerId, { dialledMs, first }: { dialledMs: number; first: Buffer }) {
    this.dialledMs = dialledMs;
    this.socket = socket;
    this.peerId = peerId;
    const reader = new MessageReader((opcode, payload) => {
      this.#take(opcode, payload);
    });
    socket.on('data', (bytes: Buffer) => {
      reader.take(bytes);
    });
    socket.once('close', () => {
      this.ending = { atMs: performance.now(), code: this.#byeCode };
    });
    if (socket.destroyed) this.ending = { atMs: performance.now(), code: undefined };
    reader.take(first);
    socket.resume();
  }

  /** Opens a link and says nothing; undefined when it was refused. */
  static async open(where: Dialled, peerId: PeerId = peerIdOf(randomBytes(32))): Promise<RawPeer | undefined> {
    const dialledMs = performance.now();
    const socket = await openSocket(where);
    socket.write(upgradeHead());
    const answer = await headOf(socket);
    if (answer?.head.startsWith('HTTP/1.1 101') !== true) {
      socket.destroy();
      return undefined;
    }
    return new RawPeer(socket, peerId, { dialledMs, first: answer.rest });
  }

  /** Opens a link, says hello and hears it. */
  static async meet(where: Dialled, peerId?: PeerId): Promise<RawPeer> {
    const peer = await RawPeer.open(where, peerId);
    if (peer === undefined) throw new Error('the link was refused');
    peer.say({ kind: 'hello', version: PEER_PROTOCOL_VERSION, peerId: peer.peerId, port: 0, agent: 'raw/1' });
    await peer.hears('hello');
    return peer;
  }

  /** Enters a swarm on channel 0, with what it claims to have, and waits until it is live. */
  async join(infoHash: InfoHash, bits: string): Promise<void> {
    this.say({ kind: 'join', channel: 0, infoHash });
    await this.hears('join');
    this.say({ kind: 'bitfield', channel: 0, bits });
    await this.hears('bitfield');
  }

  say(message: PeerMessage): void {
    this.write(frame({ opcode: OPCODE.text, payload: encodePeerMessage(message), mask: 'zeros' }));
  }

  /** Sends bytes of a block on channel 0. */
  sendBlock(piece: number, begin: number, bytes: Uint8Array): void {
    const header = Buffer.alloc(12);
    header.writeUInt32BE(piece, 4);
    header.writeUInt32BE(begin, 8);
    this.write(frame({ opcode: OPCODE.binary, payload: Buffer.concat([header, bytes]), mask: 'zeros' }));
  }

  /** Writes bytes as they are; returns whether the socket takes more at once. */
  write(bytes: Uint8Array): boolean {
    return this.socket.writable && this.socket.write(bytes);
  }

  /** The first message of a kind that fits, whenever it came; undefined when the link ends without one. */
  async hears<K extends PeerMessage['kind']>(
    kind: K,
    fits: (message: MessageOf<K>) => boolean = () => true,
  ): Promise<MessageOf<K> | undefined> {
    const look = (): MessageOf<K> | undefined =>
      this.heard.find((message): message is MessageOf<K> => message.kind === kind && fits(message as MessageOf<K>));
    await eventually(
      `a raw peer to hear "${kind}"`,
      () => Promise.resolve(look() !== undefined || this.ending !== undefined ? true : undefined),
      PATIENCE_MS,
    );
    return look();
  }

  /** Waits for the end of the link. */
  ended(): Promise<Ending> {
    return eventually('the link of a raw peer to end', () => Promise.resolve(this.ending), PATIENCE_MS);
  }

  /** From now on it reads what comes and throws it away. */
  listenToNothing(): void {
    this.socket.removeAllListeners('data').on('data', () => undefined);
  }

  /** From now on it takes nothing from the network. */
  stopReading(): void {
    this.socket.pause();
  }

  close(): void {
    this.socket.destroy();
  }

  #take(opcode: number, payload: Buffer): void {
    if (opcode === OPCODE.binary) this.blockBytes += payload.length;
    if (opcode === OPCODE.ping) this.write(frame({ opcode: OPCODE.pong, payload }));
    if (opcode === OPCODE.close) this.socket.end(frame({ opcode: OPCODE.close, payload }));
    if (opcode !== OPCODE.text) return;
    const message = parsePeerMessage(payload.toString('utf8'));
    if (message.kind === 'bye') this.#byeCode = message.code;
    this.heard.push(message);
  }
}

async function headOf(socket: Socket): Promise<{ head: string; rest: Buffer } | undefined> {
  let bytes = Buffer.alloc(0);
  return new Promise((resolve) => {
    const done = (answer: { head: string; rest: Buffer } | undefined): void => {
      socket.off('data', take).off('close', over).pause();
      resolve(answer);
    };
    const over = (): void => {
      done(undefined);
    };
    const take = (chunk: Buffer): void => {
      bytes = Buffer.concat([bytes, chunk]);
      const end = bytes.indexOf(HEAD_END);
      if (end < 0) return;
      const from = end + HEAD_END.length;
      done({ head: bytes.toString('latin1', 0, end), rest: Buffer.from(bytes.subarray(from)) });
    };
    socket.on('data', take).once('close', over);
    if (socket.destroyed) over();
  });
}
