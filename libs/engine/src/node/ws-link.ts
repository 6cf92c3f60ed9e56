import { LIMITS } from '@shoal/protocol';
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Link, LinkHandlers } from '../shell/ports.ts';
import { blockMemory } from './block-memory.ts';
import { breath } from './breath.ts';
import type { DirectConnection } from './direct-connection.ts';
import { LinkIntake } from './link-intake.ts';

/** Two blocks: with less than that queued a fast link would idle before the sender is told. */
const LOW_QUEUE_BYTES = 2 * LIMITS.blockBytes;
const MISSED_PINGS = 2;
/** What a message costs besides its bytes while it waits: its place in the queues, here and of the socket. */
const PLACE_BYTES = 1_024;
/** How long `end` waits for what is queued and for the other side. */
const END_MS = 1_000;

type Frame = string | Uint8Array;

/** A WebSocket that has just opened. */
export interface OpenSocket {
  readonly socket: WebSocket;
  /** The connection that it runs on. */
  readonly connection: Duplex;
  /** The same, when we dialled. */
  readonly direct?: DirectConnection;
  /** Where it leads, as this end sees it. */
  readonly remoteHost: string;
}

/** A link over an open WebSocket, whichever side dialled. */
export class WsLink implements Link {
  readonly remoteHost: string;
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #closed: Promise<void>;
  readonly #intake: LinkIntake;
  #handlers: LinkHandlers | undefined;
  /** Frames that came before anybody listened; undefined once they are delivered. */
  #early: Frame[] | undefined = [];
  #isClosing = false;
  #isClosed = false;
  #hasBacklog = false;
  #isGathering = false;
  #unansweredPings = 0;
  /** Messages that are not sent yet; a metainfo counts apart, since it alone may be large. */
  readonly #queued = { talk: { bytes: 0 }, large: { bytes: 0 } };

  constructor({ socket, connection, direct, remoteHost }: OpenSocket) {
    this.#socket = socket;
    this.#connection = connection;
    this.remoteHost = remoteHost;
    this.#intake = this.#makeIntake(direct);
    socket.on('message', (data: Buffer, isBinary: boolean) => {
      this.#onFrame(isBinary ? data : data.toString('utf8'));
    });
    socket.on('pong', () => (this.#unansweredPings = 0));
    // Whatever goes wrong with the socket ends it: 'close' follows, which is all that the engine needs to know.
    socket.on('error', () => undefined);
    this.#closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#intake.stop();
        this.#onClose();
        resolve();
      });
    });
    socket.pause();
  }

  get queuedBytes(): number {
    return this.#socket.bufferedAmount;
  }

  receive(handlers: LinkHandlers): void {
    if (this.#handlers !== undefined) throw new Error('invariant: a link has one receiver');
    this.#handlers = handlers;
    queueMicrotask(() => {
      this.#deliverEarly(handlers);
    });
  }

  sendText(frame: string): void {
    this.#gather();
    const done = this.#queue(frame.length);
    this.#socket.send(frame, (error) => {
      done();
      this.#onSent(error);
    });
    this.#noteBacklog();
  }

  sendBinary(header: Uint8Array, payload: Uint8Array): void {
    this.#gather();
    breath.moved(payload.length);
    this.#intake.sent(payload.length);
    const joined = joinInPlace(header, payload);
    if (joined === undefined) {
      this.#socket.send(header, { binary: true, fin: false });
      this.#socket.send(payload, { binary: true, fin: true }, this.#onSent);
    } else {
      this.#socket.send(joined, (error) => {
        if (!error) leave(joined);
        this.#onSent(error);
      });
    }
    this.#noteBacklog();
  }

  close(): void {
    this.#isClosing = true;
    // A paused socket would never see the other side's answer.
    if (!this.#intake.isWaiting) this.#socket.resume();
    this.#socket.close(1000);
  }

  expectLarge(): void {
    this.#intake.expectLarge();
  }

  /** Closes, by force after a while; resolves when nothing is left open. */
  async end(): Promise<void> {
    this.close();
    const timer = setTimeout(() => {
      this.#socket.terminate();
    }, END_MS);
    await this.#closed;
    clearTimeout(timer);
  }

  /** To be called at every interval: asks for a sign of life, and closes when two did not come. */
  ping(): void {
    if (this.#unansweredPings === MISSED_PINGS) {
      this.#socket.terminate();
      return;
    }
    this.#unansweredPings++;
    if (!this.#isClosing) this.#socket.ping();
  }

  /** What is sent in one turn of the event loop leaves in one call of the system. */
  #gather(): void {
    if (this.#isGathering) return;
    this.#isGathering = true;
    this.#connection.cork();
    process.nextTick(() => {
      this.#isGathering = false;
      this.#connection.uncork();
    });
  }

  /**
   * Counts a message until it is sent. Who asks and does not read must not fill our memory with answers.
   * @returns to be called when it is sent
   */
  #queue(bytes: number): () => void {
    const { talk, large } = this.#queued;
    const queued = bytes > LIMITS.controlMessageBytes ? large : talk;
    queued.bytes += bytes + PLACE_BYTES;
    if (talk.bytes > LIMITS.linkQueueBytes || large.bytes > LIMITS.largeMessageBytes + PLACE_BYTES)
      this.#socket.terminate();
    return () => (queued.bytes -= bytes + PLACE_BYTES);
  }

  /** Puts ourselves before `ws`: blocks come to us, the rest goes where all went. */
  #makeIntake(direct: DirectConnection | undefined): LinkIntake {
    const connection = this.#connection;
    const listeners = connection.listeners('data');
    connection.removeAllListeners('data');
    let isBroken = false;
    this.#socket.once('error', () => (isBroken = true));
    const intake = new LinkIntake(direct === undefined ? 'them' : 'us', {
      onBlock: (message) => {
        if (!isBroken) this.#onFrame(message);
      },
      onRest: (bytes) => {
        for (const listener of isBroken ? [] : listeners) Reflect.apply(listener, connection, [bytes]);
      },
      onTooLarge: () => {
        if (!this.#isClosing) this.#handlers?.onTooLarge();
      },
      pause: () => {
        this.#socket.pause();
      },
      resume: () => {
        this.#socket.resume();
      },
    });
    connection.on('data', (chunk: Buffer) => {
      if (direct === undefined) breath.moved(chunk.length);
      if (!isBroken) intake.take(chunk);
    });
    direct?.feed(intake);
    return intake;
  }

  #onFrame(frame: Frame): void {
    this.#unansweredPings = 0;
    if (this.#early === undefined) this.#deliver(frame);
    else this.#early.push(frame);
  }

  #deliver(frame: Frame): void {
    if (this.#isClosing || this.#handlers === undefined) return;
    if (typeof frame === 'string') this.#handlers.onText(frame);
    else this.#handlers.onBinary(frame);
  }

  #deliverEarly(handlers: LinkHandlers): void {
    for (const frame of this.#early ?? []) this.#deliver(frame);
    this.#early = undefined;
    if (this.#isClosed) handlers.onClose();
    else this.#socket.resume();
  }

  #onClose(): void {
    this.#isClosed = true;
    if (this.#early === undefined) this.#handlers?.onClose();
  }

  #noteBacklog(): void {
    if (this.queuedBytes > 0) this.#hasBacklog = true;
  }

  readonly #onSent = (error?: Error): void => {
    if (error || !this.#hasBacklog || this.queuedBytes > LOW_QUEUE_BYTES) return;
    if (this.queuedBytes === 0) this.#hasBacklog = false;
    if (!this.#isClosing) this.#handlers?.onDrain();
  };
}

/** Memory whose room before the payload holds a header that is not sent yet. */
const taken = new WeakSet<ArrayBufferLike>();

/**
 * Header and payload as one run of bytes, when the payload lies behind room for just such a header, as the blocks of the
 * stores do. Two fragments are as good on the wire, but the receiver would copy them into one.
 */
function joinInPlace(header: Uint8Array, payload: Uint8Array): Uint8Array | undefined {
  const { buffer, byteOffset, byteLength } = payload;
  const hasRoom = byteOffset === header.length && byteOffset + byteLength === buffer.byteLength;
  if (!hasRoom || taken.has(buffer)) return undefined;
  taken.add(buffer);
  const joined = new Uint8Array(buffer);
  joined.set(header);
  return joined;
}

/** The system has the bytes: their memory can be used again. */
function leave(joined: Uint8Array): void {
  taken.delete(joined.buffer);
  blockMemory.give(joined);
}
