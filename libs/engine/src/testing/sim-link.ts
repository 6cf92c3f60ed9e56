import type { Link, LinkHandlers } from '../shell/ports.ts';
import { wireBytes, type SimLine } from './sim-line.ts';
import { SimPipe, type Frame } from './sim-pipe.ts';

/** What a WebSocket carries. */
interface LinkFrame extends Frame {
  readonly text?: string;
  readonly header?: Uint8Array;
  readonly payload?: Uint8Array;
  readonly isLast?: true;
}

/** The machine at one end, as a link needs to see it. */
export interface LinkHost {
  readonly name: string;
  readonly line: SimLine;
  /** The link is closed. */
  forget(link: SimLink): void;
}

/** One end of a connection: ordered and reliable. */
export class SimLink implements Link {
  readonly #host: LinkHost;
  readonly #early: LinkFrame[] = [];
  #remote: SimLink | undefined;
  #pipe: SimPipe<LinkFrame> | undefined;
  #handlers: LinkHandlers | undefined;
  #isClosed = false;

  private constructor(host: LinkHost) {
    this.#host = host;
  }

  static pair(a: LinkHost, b: LinkHost): [SimLink, SimLink] {
    const [ours, theirs] = [new SimLink(a), new SimLink(b)];
    [ours.#pipe, theirs.#pipe] = SimPipe.pair(
      { line: a.line, handlers: ours.#pipeHandlers() },
      { line: b.line, handlers: theirs.#pipeHandlers() },
    );
    [ours.#remote, theirs.#remote] = [theirs, ours];
    return [ours, theirs];
  }

  get remoteHost(): string {
    return this.#other.#host.name;
  }

  get queuedBytes(): number {
    return this.#pipe?.queuedBytes ?? 0;
  }

  receive(handlers: LinkHandlers): void {
    this.#handlers = handlers;
    for (const frame of this.#early.splice(0)) this.#arrive(frame);
  }

  sendText(text: string): void {
    this.#send({ wireBytes: wireBytes(text.length), text });
  }

  sendBinary(header: Uint8Array, payload: Uint8Array): void {
    this.#send({ wireBytes: wireBytes(header.length + payload.length), header, payload });
  }

  expectLarge(): void {
    // Sizes are what the parser says.
  }

  close(): void {
    this.#send({ wireBytes: wireBytes(0), isLast: true });
    this.#isClosed = true;
  }

  /** Both ends see the connection break. */
  break(): void {
    const travelMs = this.#pipe?.travelMs ?? 0;
    const { world, place } = this.#host.line;
    this.#broken();
    world.after(travelMs, () => {
      place.reach(this.#other.#host.line.place, () => {
        this.#other.#broken();
      });
    });
  }

  /** Both ends have missed too many heartbeats, if a partition lies between them. */
  breakIfApart(): void {
    if (!this.#host.line.place.isApartFrom(this.#other.#host.line.place)) return;
    this.#broken();
    this.#other.#broken();
  }

  get #other(): SimLink {
    if (this.#remote === undefined) throw new Error('invariant: links come in pairs');
    return this.#remote;
  }

  #pipeHandlers() {
    const { world } = this.#host.line;
    return {
      onFrame: (frame: LinkFrame) => {
        const what = frame.text ?? `${Buffer.from(frame.header ?? []).toString('hex')} ${frame.payload?.length ?? 0}`;
        world.note(`${this.remoteHost} ${this.#host.name} ${what}`);
        this.#arrive(frame);
      },
      onDrain: () => {
        world.settle();
        this.#handlers?.onDrain();
      },
    };
  }

  #arrive(frame: LinkFrame): void {
    const handlers = this.#handlers;
    if (handlers === undefined) this.#early.push(frame);
    else if (frame.isLast === true) this.break();
    else if (frame.text !== undefined) handlers.onText(frame.text);
    else if (frame.header !== undefined && frame.payload !== undefined) {
      handlers.onBinary(joinFrame(frame.header, frame.payload));
    }
  }

  #send(frame: LinkFrame): void {
    if (!this.#isClosed) this.#pipe?.send(frame);
  }

  #broken(): void {
    this.#isClosed = true;
    this.#host.forget(this);
    this.#host.line.world.settle();
    this.#pipe?.clear();
    const handlers = this.#handlers;
    this.#handlers = undefined;
    this.#host.line.process.run(() => handlers?.onClose());
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
