import { ShoalError, type InfoHash, type PeerAddress, type PeerId } from '@shoal/protocol';
import type { ConnectionSlots } from '../core/connection-slots.ts';
import type { PeerLink, RemotePeer } from './peer-link.ts';
import type { EnginePorts, Link } from './ports.ts';

/** Where to dial, what for, and who waits for it. */
export interface Dial {
  readonly address: PeerAddress;
  /** Swarms to enter on the link. */
  readonly infoHashes: readonly InfoHash[];
  readonly settle?: { resolve(peerId: PeerId): void; reject(error: ShoalError): void };
}

/** Dials under way, from the decision until the other side said hello or did not; tells the slots how each ended. */
export class Dialler {
  readonly #ports: EnginePorts;
  readonly #slots: ConnectionSlots;
  readonly #open: (link: Link) => PeerLink;
  readonly #dials = new Map<PeerLink, Dial>();

  /** @param open makes a link, not started, of a connection */
  constructor(ports: EnginePorts, slots: ConnectionSlots, open: (link: Link) => PeerLink) {
    this.#ports = ports;
    this.#slots = slots;
    this.#open = open;
  }

  /** Dials; failures go to the slots and to whoever waits. */
  async dial(dial: Dial): Promise<void> {
    try {
      const link = this.#open(await this.#ports.transport.dial(dial.address));
      this.#dials.set(link, dial);
      link.start();
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#failed(dial, error);
    }
  }

  /** The other side said hello and is welcome: returns the swarms to enter. */
  reached(link: PeerLink, { peerId, address }: RemotePeer): readonly InfoHash[] {
    const dial = this.#dials.get(link);
    this.#slots.linked(dial?.address ?? address, peerId);
    dial?.settle?.resolve(peerId);
    return dial?.infoHashes ?? [];
  }

  /** The link closed, before or after hello; `isLinked` when another link to the same peer stands. */
  closed(link: PeerLink, reason: ShoalError | undefined, isLinked: boolean): void {
    const dial = this.#dials.get(link);
    this.#dials.delete(link);
    const { remote } = link;
    if (remote === undefined) {
      const silent = new ShoalError('peer-unreachable', `${link.remoteHost} closed the link before it said hello`);
      if (dial !== undefined) this.#failed(dial, reason ?? silent);
      return;
    }
    if (isLinked) {
      this.#slots.linked(dial?.address ?? remote.address, remote.peerId);
      dial?.settle?.resolve(remote.peerId);
      return;
    }
    this.#slots.closed(remote.peerId, this.#ports.clock.now());
    // A peer that was refused was never counted as linked.
    if (dial !== undefined) this.#failed(dial, reason ?? new ShoalError('peer-unreachable', 'the link closed'));
  }

  #failed({ address, settle }: Dial, error: ShoalError): void {
    this.#slots.failed(address, this.#ports.clock.now());
    settle?.reject(error);
  }
}
