import { LIMITS } from '@shoal/protocol';
import type { PeerLink } from './peer-link.ts';

/** Links that carry no swarm, and since when; closes those that carry none for too long. */
export class IdleLinks {
  readonly #sinceMs = new Map<PeerLink, number>();

  /** Looks at all links; called again and again. */
  tick(links: readonly PeerLink[], nowMs: number): void {
    for (const link of links) {
      if (link.isUsed) this.#sinceMs.delete(link);
      else if (nowMs - (this.#sinceMs.get(link) ?? nowMs) > LIMITS.idleMs) link.close('idle', 'nothing is shared here');
      else if (!this.#sinceMs.has(link)) this.#sinceMs.set(link, nowMs);
    }
  }

  /** The link is closed. */
  forget(link: PeerLink): void {
    this.#sinceMs.delete(link);
  }
}
