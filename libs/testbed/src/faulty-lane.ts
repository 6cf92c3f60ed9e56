import type { Socket } from 'node:net';
import type { LineFault } from './line-fault.ts';

/** What a lane has on its way before it reads no more: little enough that the sender feels a slow receiver. */
const QUEUE_BYTES = 1024 * 1024;
/** A rate is handed over in so many parts a second. */
const PARTS_PER_SECOND = 50;

/** Bytes, the end of what one side says, or the reset of its connection. */
type Cargo = Buffer | 'end' | 'reset';

/** What a lane asks and tells. */
interface LaneOwner {
  /** Looked up again for all that is carried. */
  fault(): LineFault;
  /** Told how much came. */
  onBytes(count: number): void;
}

/** One direction of a connection: hands over what comes, in order, as a fault has it. */
export class FaultyLane {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #owner: LaneOwner;
  #queue: { readonly cargo: Cargo; readonly dueMs: number }[] = [];
  #queuedBytes = 0;
  /** When the rate lets more through. */
  #freeAtMs = 0;
  /** Whether something was thrown away: what comes later would make no sense any more. */
  #isDark = false;
  #timer: NodeJS.Timeout | undefined;
  #nextSlice: NodeJS.Immediate | undefined;

  constructor(from: Socket, to: Socket, owner: LaneOwner) {
    [this.#from, this.#to, this.#owner] = [from, to, owner];
    from.on('data', (bytes: Buffer) => {
      this.#take(bytes);
      owner.onBytes(bytes.length);
    });
    from.once('end', () => {
      this.#take('end');
    });
    from.once('error', () => {
      this.#take('reset');
    });
    to.on('drain', () => {
      this.pump();
    });
    to.once('close', () => {
      this.#goDark();
    });
  }

  /** Hands over what is due; to be called as well when the fault has changed. */
  pump(): void {
    clearTimeout(this.#timer);
    clearImmediate(this.#nextSlice);
    const fault = this.#owner.fault();
    if (fault.isBlackHole) this.#goDark();
    let [next] = this.#queue;
    while (next !== undefined && !fault.isHeld && !this.#to.writableNeedDrain) {
      const waitMs = Math.max(next.dueMs, this.#freeAtMs) - performance.now();
      if (waitMs > 0) {
        this.#timer = setTimeout(() => {
          this.pump();
        }, waitMs);
        return;
      }
      this.#handOver(next.cargo, fault);
      if (fault.sliceBytes < Infinity) {
        // In a turn of its own, so that the receiver may read it before the next comes.
        this.#nextSlice = setImmediate(() => {
          this.pump();
        });
        return;
      }
      [next] = this.#queue;
    }
  }

  #take(cargo: Cargo): void {
    if (this.#isDark) return;
    const { latencyMs, slowCloseMs } = this.#owner.fault();
    const delayMs = latencyMs + (typeof cargo === 'string' ? slowCloseMs : 0);
    this.#queue.push({ cargo, dueMs: performance.now() + delayMs });
    this.#grow(typeof cargo === 'string' ? 0 : cargo.length);
    this.pump();
  }

  #handOver(cargo: Cargo, { bytesPerSecond, sliceBytes }: LineFault): void {
    if (typeof cargo === 'string') {
      this.#queue.shift();
      if (cargo === 'end') this.#to.end();
      else this.#to.resetAndDestroy();
      return;
    }
    const slice = cargo.subarray(0, Math.min(sliceBytes, Math.max(1, Math.ceil(bytesPerSecond / PARTS_PER_SECOND))));
    const [{ dueMs } = { dueMs: 0 }] = this.#queue;
    if (slice.length === cargo.length) this.#queue.shift();
    else this.#queue[0] = { cargo: cargo.subarray(slice.length), dueMs };
    this.#freeAtMs = Math.max(performance.now(), this.#freeAtMs) + (1_000 * slice.length) / bytesPerSecond;
    this.#to.write(slice);
    this.#grow(-slice.length);
  }

  #grow(bytes: number): void {
    this.#queuedBytes += bytes;
    if (this.#queuedBytes > QUEUE_BYTES) this.#from.pause();
    else if (this.#from.isPaused()) this.#from.resume();
  }

  /** Throws away what is on its way and what comes from now on. */
  #goDark(): void {
    this.#isDark = true;
    this.#queue = [];
    this.#queuedBytes = 0;
    clearTimeout(this.#timer);
    clearImmediate(this.#nextSlice);
    this.#from.resume();
  }
}
