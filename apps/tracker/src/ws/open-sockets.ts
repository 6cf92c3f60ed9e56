import { LIMITS } from '@shoal/protocol';
import type { WebSocket } from 'ws';

const CLOSE_MS = 1_000;
const LOOK_MS = 10;

/** Whoever speaks by a WebSocket. */
interface Speaker {
  /** Asks for a sign of life; closes when there was none for two rounds. */
  ping(): void;
  /** Tells the other side that the tracker is going away. */
  close(): void;
  /** Cuts the connection. */
  terminate(): void;
}

/** The WebSockets that are open, with their heartbeat. */
export class OpenSockets {
  readonly #speakers = new Set<Speaker>();
  readonly #heartbeat: NodeJS.Timeout;

  constructor() {
    this.#heartbeat = setInterval(() => {
      for (const speaker of this.#speakers) speaker.ping();
    }, LIMITS.pingMs);
  }

  get size(): number {
    return this.#speakers.size;
  }

  /** Counts until its socket closes. */
  add(socket: WebSocket, speaker: Speaker): void {
    this.#speakers.add(speaker);
    socket.once('close', () => this.#speakers.delete(speaker));
  }

  /** Closes all; cuts those that do not answer in time. */
  async stop(): Promise<void> {
    clearInterval(this.#heartbeat);
    for (const speaker of this.#speakers) speaker.close();
    const giveUpAt = performance.now() + CLOSE_MS;
    while (this.#speakers.size > 0 && performance.now() < giveUpAt) {
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    }
    for (const speaker of this.#speakers) speaker.terminate();
  }
}
