import { connect, type Socket } from 'node:net';
import { LIMITS } from '@shoal/protocol';
import type { Reachability } from './core/announce-desk.ts';
import { isLoopback, plainAddress, type Contact } from './core/contact.ts';

/** Finds out by TCP where agents accept connections; nothing is sent. Only so many at once, the others wait. */
export class Probe implements Reachability {
  readonly #atOnce: number;
  readonly #sockets = new Set<Socket>();
  readonly #waiting: (() => void)[] = [];
  #running = 0;
  #isStopped = false;

  constructor(atOnce: number = LIMITS.probesAtOnce) {
    this.#atOnce = atOnce;
  }

  async probe(contact: Contact): Promise<string | undefined> {
    if (this.#running < this.#atOnce) this.#running++;
    else await new Promise<void>((resolve) => this.#waiting.push(resolve));
    try {
      return await this.#firstThatAccepts(contact);
    } finally {
      // Whoever has waited longest takes the place over.
      const next = this.#waiting.shift();
      if (next === undefined) this.#running--;
      else next();
    }
  }

  /** Gives up all attempts, those that wait included. */
  stop(): void {
    this.#isStopped = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  async #firstThatAccepts({ hosts, port }: Contact): Promise<string | undefined> {
    const deadline = performance.now() + LIMITS.probeMs;
    for (const host of hosts) {
      const timeoutMs = deadline - performance.now();
      if (this.#isStopped || timeoutMs <= 0) return undefined;
      if (await this.#accepts(host, port, timeoutMs)) return host;
    }
    return undefined;
  }

  /** A name that leads to this machine's loopback is no address for others. */
  #accepts(host: string, port: number, timeoutMs: number): Promise<boolean> {
    const socket = connect({ host, port });
    this.#sockets.add(socket);
    let hasAccepted = false;
    return new Promise((resolve) => {
      const timer = setTimeout(() => socket.destroy(), timeoutMs);
      socket.once('connect', () => {
        hasAccepted = isLoopback(host) || !isLoopback(plainAddress(socket.remoteAddress ?? ''));
        socket.destroy();
      });
      socket.on('error', () => socket.destroy());
      socket.once('close', () => {
        clearTimeout(timer);
        this.#sockets.delete(socket);
        resolve(hasAccepted);
      });
    });
  }
}
