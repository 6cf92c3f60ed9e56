import { connect, type Socket } from 'node:net';
import { LIMITS } from '@shoal/protocol';
import type { Reachability } from './core/announce-desk.ts';
import { isLoopback, plainAddress, type Contact } from './core/contact.ts';

/** Finds out by TCP where an agent accepts connections; nothing is sent. */
export class Probe implements Reachability {
  readonly #sockets = new Set<Socket>();

  async probe({ hosts, port }: Contact): Promise<string | undefined> {
    const deadline = performance.now() + LIMITS.probeMs;
    for (const host of hosts) {
      const timeoutMs = deadline - performance.now();
      if (timeoutMs <= 0 || this.#sockets.size >= LIMITS.probesAtOnce) return undefined;
      if (await this.#accepts(host, port, timeoutMs)) return host;
    }
    return undefined;
  }

  /** Gives up all attempts. */
  stop(): void {
    for (const socket of this.#sockets) socket.destroy();
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
