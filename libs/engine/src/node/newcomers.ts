import type { Socket } from 'node:net';
import { LIMITS } from '@shoal/protocol';

/**
 * Connections that are no links yet. One address may have as many of them as it may have links: who opens more, or opens
 * them and says nothing, takes no place from others.
 */
export class Newcomers {
  readonly #byHost = new Map<string, Set<Socket>>();

  /**
   * A connection has come in; it counts until it ends or has become a link.
   * @returns whether its address may have one more
   */
  admit(socket: Socket): boolean {
    const host = socket.remoteAddress ?? '';
    const others = this.#byHost.get(host) ?? new Set();
    if (others.size >= LIMITS.linksPerAddress) return false;
    this.#byHost.set(host, others.add(socket));
    socket.once('close', () => {
      this.#leave(host, socket);
    });
    return true;
  }

  /** It has asked for its link, and counts as one if it gets it. */
  asked(socket: Socket): void {
    for (const [host, sockets] of this.#byHost) if (sockets.has(socket)) this.#leave(host, socket);
  }

  #leave(host: string, socket: Socket): void {
    const sockets = this.#byHost.get(host);
    sockets?.delete(socket);
    if (sockets?.size === 0) this.#byHost.delete(host);
  }
}
