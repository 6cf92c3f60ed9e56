/**
 * A world in virtual time: hosts with a rate up and down and a latency, connections between them, a tracker, clocks and
 * chance. It implements the engine's ports, so that the engine that runs in the agent runs here unchanged. The same seed
 * gives the same run, message for message.
 *
 * A connection is ordered and reliable. A host's uplink serves its connections in turn, a chunk at a time, as a
 * kernel's queue would; every frame costs its WebSocket, TCP, IP and Ethernet headers.
 */
import { createHash } from 'node:crypto';
import type { PeerAddress } from '@shoal/protocol';
import type { Clock, Random } from '../shell/ports.ts';
import { EventQueue } from './event-queue.ts';
import { SimHost, type HostOptions } from './sim-host.ts';

export class SimWorld {
  readonly random: Random;
  readonly clock: Clock;
  readonly #queue = new EventQueue();
  readonly #hosts = new Map<string, SimHost>();
  readonly #transcript = createHash('sha256');
  #nowMs = 0;
  #mustSettle = false;

  constructor(seed: number) {
    this.random = { next: mulberry32(seed) };
    this.clock = {
      now: () => this.#nowMs,
      setTimer: (delayMs, action) => {
        let isCancelled = false;
        this.after(delayMs, () => {
          if (isCancelled) return;
          this.settle();
          action();
        });
        return () => {
          isCancelled = true;
        };
      },
    };
  }

  get nowMs(): number {
    return this.#nowMs;
  }

  /** SHA-256 over every delivery so far: equal for equal runs. */
  get transcript(): string {
    return this.#transcript.copy().digest('hex');
  }

  addHost(options: HostOptions): SimHost {
    const name = `10.0.${String(this.#hosts.size >> 8)}.${String(this.#hosts.size & 255)}`;
    const host = new SimHost(this, name, options);
    this.#hosts.set(name, host);
    return host;
  }

  hostAt({ host }: PeerAddress): SimHost | undefined {
    return this.#hosts.get(host);
  }

  /** Runs an action later in virtual time. */
  after(delayMs: number, action: () => void): void {
    this.#queue.add(this.#nowMs + Math.max(0, delayMs), action);
  }

  /** A promise was made or settled: what waits for it runs before time goes on. */
  settle(): void {
    this.#mustSettle = true;
  }

  note(line: string): void {
    this.#transcript.update(`${String(this.#nowMs)} ${line}\n`);
  }

  /**
   * Lets time pass until the condition holds or the deadline comes.
   * @returns whether the condition holds
   */
  async run(until: () => boolean, deadlineMs: number): Promise<boolean> {
    await promisesSettled();
    for (;;) {
      if (until()) return true;
      const nextMs = this.#queue.nextMs;
      if (nextMs === undefined || nextMs > deadlineMs) return false;
      this.#nowMs = nextMs;
      this.#queue.take()?.();
      if (!this.#mustSettle) continue;
      this.#mustSettle = false;
      await promisesSettled();
    }
  }
}

/** Lets every promise that can go on do so: microtasks are over when a macrotask runs. */
function promisesSettled(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}

/** The mulberry32 generator: small, fast, and equal on every machine. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
