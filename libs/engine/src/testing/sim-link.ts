import { LIMITS } from '@shoal/protocol';
import type { Link, LinkHandlers } from '../shell/ports.ts';
import type { SimWorld } from './sim-world.ts';

const SEGMENT_BYTES = 1_448;
/** Ethernet, IP and TCP with time stamps. */
const SEGMENT_HEADER_BYTES = 66;
const FRAME_HEADER_BYTES = 10;
/** With so little queued or less, a link can take more. */
const LOW_QUEUE_BYTES = 2 * LIMITS.blockBytes;

/** Bytes that a message of so many bytes takes on the wire, headers included. */
function wireBytes(messageBytes: number): number {
  const framed = messageBytes + FRAME_HEADER_BYTES;
  return framed + Math.ceil(framed / SEGMENT_BYTES) * SEGMENT_HEADER_BYTES;
}

/** One message on its way. */
export interface Frame {
  readonly wireBytes: number;
  readonly text?: string;
  readonly header?: Uint8Array;
  readonly payload?: Uint8Array;
  readonly isLast?: true;
}

/** The machine at one end, as a link needs to see it. */
export interface LinkHost {
  readonly name: string;
  readonly world: SimWorld;
  readonly options: { readonly latencyMs: number };
  /** The link has something to send. */
  wantsToSend(link: SimLink): void;
  /** A frame from another host is on its way here. */
  take(frame: Frame, from: SimLink): void;
  /** The link is closed. */
  forget(link: SimLink): void;
}

/** One end of a connection: ordered and reliable. */
export class SimLink implements Link {
  readonly host: LinkHost;
  readonly #out: Frame[] = [];
  #remote: SimLink | undefined;
  #handlers: LinkHandlers | undefined;
  readonly #early: Frame[] = [];
  #headLeft = 0;
  #queuedBytes = 0;
  #isClosed = false;

  private constructor(host: LinkHost) {
    this.host = host;
  }

  static pair(a: LinkHost, b: LinkHost): [SimLink, SimLink] {
    const ours = new SimLink(a);
    const theirs = new SimLink(b);
    ours.#remote = theirs;
    theirs.#remote = ours;
    return [ours, theirs];
  }

  get remote(): SimLink {
    if (this.#remote === undefined) throw new Error('invariant: links come in pairs');
    return this.#remote;
  }

  get remoteHost(): string {
    return this.remote.host.name;
  }

  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** Bytes of the first frame that are still to be sent; 0 when there is none. */
  get headBytes(): number {
    return this.#headLeft;
  }

  receive(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    for (const frame of this.#early.splice(0)) this.arrive(frame);
  }

  sendText(frame: string): void {
    this.#send({ wireBytes: wireBytes(frame.length), text: frame });
  }

  sendBinary(header: Uint8Array, payload: Uint8Array): void {
    this.#send({ wireBytes: wireBytes(header.length + payload.length), header, payload });
  }

  close(): void {
    this.#send({ wireBytes: wireBytes(0), isLast: true });
    this.#isClosed = true;
  }

  /** Both ends see the connection break. */
  break(): void {
    this.#broken();
    this.host.world.after(this.host.options.latencyMs + this.remote.host.options.latencyMs, () => {
      this.remote.#broken();
    });
  }

  /** The uplink sent a part of the first frame; returns the frame when it is whole. */
  chunkSent(bytes: number): Frame | undefined {
    if (this.#out.length === 0) return undefined;
    this.#headLeft -= bytes;
    this.#queuedBytes -= bytes;
    if (this.#headLeft > 0) return undefined;
    const frame = this.#out.shift();
    this.#headLeft = this.#out[0]?.wireBytes ?? 0;
    this.host.world.settle();
    if (this.#queuedBytes <= LOW_QUEUE_BYTES) this.#handlers?.onDrain();
    return frame;
  }

  arrive(frame: Frame): void {
    const handlers = this.#handlers;
    if (handlers === undefined) this.#early.push(frame);
    else if (frame.isLast === true) this.break();
    else if (frame.text !== undefined) handlers.onText(frame.text);
    else if (frame.header !== undefined && frame.payload !== undefined) {
      handlers.onBinary(joinFrame(frame.header, frame.payload));
    }
  }

  #send(frame: Frame): void {
    if (this.#isClosed) return;
    this.#out.push(frame);
    this.#queuedBytes += frame.wireBytes;
    if (this.#out.length === 1) this.#headLeft = frame.wireBytes;
    this.host.wantsToSend(this);
  }

  #broken(): void {
    this.#isClosed = true;
    this.host.forget(this);
    this.#out.length = 0;
    this.#headLeft = 0;
    this.#queuedBytes = 0;
    const handlers = this.#handlers;
    this.#handlers = undefined;
    handlers?.onClose();
  }
}

/**
 * Header and payload as one frame. A payload that starts just behind the room for a header, as all do that come from a
 * `zeroBlock` or from a frame, is not copied: the header is written before it and read again at once.
 */
function joinFrame(header: Uint8Array, payload: Uint8Array): Uint8Array {
  if (payload.byteOffset === header.length) {
    const frame = new Uint8Array(payload.buffer, 0, header.length + payload.length);
    frame.set(header);
    return frame;
  }
  const frame = new Uint8Array(header.length + payload.length);
  frame.set(header);
  frame.set(payload, header.length);
  return frame;
}
