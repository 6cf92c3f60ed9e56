import { LIMITS } from '@shoal/protocol';
import type { SimLine, Turn } from './sim-line.ts';

/** With so little queued or less, a pipe can take more. */
const LOW_QUEUE_BYTES = 2 * LIMITS.blockBytes;

/** One message on its way. */
export interface Frame {
  /** With all headers. */
  readonly wireBytes: number;
}

/** What a pipe tells whoever holds its end. */
export interface PipeHandlers<F extends Frame> {
  onFrame(frame: F): void;
  /** Little is queued again. */
  onDrain(): void;
}

/** One end of an ordered, reliable connection between two lines; what it carries is its holder's business. */
export class SimPipe<F extends Frame = Frame> {
  readonly line: SimLine;
  readonly #handlers: PipeHandlers<F>;
  #out: F[] = [];
  #remote: SimPipe<F> | undefined;
  #headLeft = 0;
  #headBegunMs = 0;
  #queuedBytes = 0;
  #isFull = false;
  #isInTurn = false;

  private constructor(line: SimLine, handlers: PipeHandlers<F>) {
    this.line = line;
    this.#handlers = handlers;
  }

  static pair<F extends Frame>(
    one: { line: SimLine; handlers: PipeHandlers<F> },
    other: { line: SimLine; handlers: PipeHandlers<F> },
  ): [SimPipe<F>, SimPipe<F>] {
    const [ours, theirs] = [new SimPipe(one.line, one.handlers), new SimPipe(other.line, other.handlers)];
    ours.#remote = theirs;
    theirs.#remote = ours;
    return [ours, theirs];
  }

  /** Bytes that have not left yet, headers included. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** One way. */
  get travelMs(): number {
    return this.line.options.latencyMs + (this.#remote?.line.options.latencyMs ?? 0);
  }

  send(frame: F): void {
    this.#out.push(frame);
    this.#queuedBytes += frame.wireBytes;
    this.#isFull ||= this.#queuedBytes > LOW_QUEUE_BYTES;
    if (this.#out.length === 1) this.#headLeft = frame.wireBytes;
    if (this.#isInTurn) return;
    this.#isInTurn = true;
    this.line.wantsToSend(this);
  }

  /** Nothing that was sent arrives any more. */
  clear(): void {
    this.#out.length = 0;
    this.#queuedBytes = 0;
    this.#remote = undefined;
  }

  /** The uplink takes what is queued, up to a part of a frame; returns how much. Called in its turn. */
  sendChunk({ mostBytes, afterMs, msPerByte }: Turn): number {
    let bytes = 0;
    for (let frame = this.#out[0]; frame !== undefined && bytes < mostBytes; frame = this.#out[0]) {
      const part = Math.min(mostBytes - bytes, this.#headLeft);
      if (this.#headLeft === frame.wireBytes) this.#headBegunMs = this.line.world.nowMs + afterMs + bytes * msPerByte;
      this.#headLeft -= part;
      bytes += part;
      if (this.#headLeft > 0) break;
      this.#depart(frame, afterMs + bytes * msPerByte);
      this.#out.shift();
      this.#headLeft = this.#out[0]?.wireBytes ?? 0;
    }
    this.#queuedBytes -= bytes;
    return bytes;
  }

  /** What was taken has left; returns whether there is more. */
  chunkSent(): boolean {
    if (this.#isFull && this.#queuedBytes <= LOW_QUEUE_BYTES) {
      this.#isFull = false;
      this.line.process.run(() => {
        this.#handlers.onDrain();
      });
    }
    this.#isInTurn = this.#queuedBytes > 0;
    return this.#isInTurn;
  }

  #depart(frame: F, leavesMs: number): void {
    const remote = this.#remote;
    if (remote === undefined || this.line.isCut) return;
    const travelMs = this.travelMs;
    const begunMs = this.#headBegunMs + travelMs;
    const { world, place } = this.line;
    world.after(leavesMs + travelMs, () => {
      place.reach(remote.line.place, () => {
        remote.#come(frame, begunMs);
      });
    });
  }

  #come(frame: F, begunMs: number): void {
    const waitMs = this.line.takeIn(frame.wireBytes, begunMs);
    if (waitMs === 0) this.#arrive(frame);
    else
      this.line.world.after(waitMs, () => {
        this.#arrive(frame);
      });
  }

  #arrive(frame: F): void {
    // It may have broken on the way.
    if (this.#remote === undefined || this.line.isCut) return;
    this.line.process.run(() => {
      if (this.#remote !== undefined) this.#handlers.onFrame(frame);
    });
  }
}
