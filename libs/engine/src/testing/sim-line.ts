/**
 * The line of one host, in virtual time. Its uplink serves the pipes that have something to send in turn, a chunk at a
 * time, as a kernel's queue would. Its downlink takes frames in while they come, one after the other where they come
 * faster than it can. Every frame costs its WebSocket, TCP, IP and Ethernet headers.
 */
import { SimPlace } from './sim-place.ts';
import { SimProcess } from './sim-process.ts';
import type { SimWorld } from './sim-world.ts';

/** What one pipe sends before the next, or what goes in so much time if that is more. */
const CHUNK_BYTES = 16 * 1024;
const CHUNK_MS = 0.25;
const SEGMENT_BYTES = 1_448;
/** Ethernet, IP and TCP with time stamps. */
const SEGMENT_HEADER_BYTES = 66;
const FRAME_HEADER_BYTES = 10;

/** How a host hangs on the network. Rates are raw link rates in bytes a second. */
export interface HostOptions {
  readonly upBytesPerSecond: number;
  readonly downBytesPerSecond: number;
  /** From this host into the middle of the network, one way; two hosts are apart by the sum of theirs. */
  readonly latencyMs: number;
}

/** When and how much of a frame may go. */
export interface Turn {
  readonly mostBytes: number;
  /** From now on. */
  readonly afterMs: number;
  readonly msPerByte: number;
}

/** What an uplink takes from: one end of a connection. */
interface Outlet {
  /** Its turn has come; returns how many bytes it sends. */
  sendChunk(turn: Turn): number;
  /** What it sent has left; returns whether it wants another turn. */
  chunkSent(): boolean;
}

/** Bytes that a message of so many bytes takes on the wire, headers included. */
export function wireBytes(messageBytes: number): number {
  const framed = messageBytes + FRAME_HEADER_BYTES;
  return framed + Math.ceil(framed / SEGMENT_BYTES) * SEGMENT_HEADER_BYTES;
}

export class SimLine {
  readonly world: SimWorld;
  readonly options: HostOptions;
  readonly place = new SimPlace();
  /** What takes in and sends at this end. */
  readonly process: SimProcess;
  /** The cable is pulled: nothing goes in or out. */
  isCut = false;
  /** Bytes that left this host, headers included. */
  sentWireBytes = 0;
  /** Pipes that have something to send. */
  readonly #turn: Outlet[] = [];
  readonly #chunkBytes: number;
  #isSending = false;
  #downFreeMs = 0;

  constructor(world: SimWorld, options: HostOptions) {
    this.world = world;
    this.#chunkBytes = Math.max(CHUNK_BYTES, Math.floor((options.upBytesPerSecond * CHUNK_MS) / 1000));
    this.options = options;
    this.process = new SimProcess(world);
  }

  /** A pipe that had nothing to send has something. */
  wantsToSend(pipe: Outlet): void {
    this.#turn.push(pipe);
    if (!this.#isSending) this.#sendNext();
  }

  /**
   * All of a frame has come; what else came meanwhile goes first.
   * @param begunMs when its first byte came
   * @returns how long it takes from now until it is taken in
   */
  takeIn(bytes: number, begunMs: number): number {
    const nowMs = this.world.nowMs;
    const takesMs = (bytes * 1000) / this.options.downBytesPerSecond;
    this.#downFreeMs = Math.max(this.#downFreeMs, begunMs, nowMs - takesMs) + takesMs;
    return Math.max(0, this.#downFreeMs - nowMs);
  }

  /** A chunk of one large frame, or of small ones of several pipes. */
  #sendNext(): void {
    const served: Outlet[] = [];
    const msPerByte = 1000 / this.options.upBytesPerSecond;
    let bytes = 0;
    for (let pipe = this.#turn.shift(); pipe !== undefined; pipe = this.#turn.shift()) {
      bytes += pipe.sendChunk({ mostBytes: this.#chunkBytes, afterMs: bytes * msPerByte, msPerByte });
      served.push(pipe);
      if (bytes >= this.#chunkBytes) break;
    }
    this.sentWireBytes += bytes;
    this.#isSending = bytes > 0;
    if (!this.#isSending) return;
    this.world.after(bytes * msPerByte, () => {
      // Whoever has more to send comes after those who came meanwhile.
      for (const pipe of served) if (pipe.chunkSent()) this.#turn.push(pipe);
      this.#sendNext();
    });
  }
}
