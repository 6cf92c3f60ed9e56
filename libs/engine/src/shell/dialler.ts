import { ShoalError, type InfoHash, type PeerAddress, type PeerId } from '@shoal/protocol';
import type { ConnectionSlots } from '../core/connection-slots.ts';
import type { PeerLink, RemotePeer } from './peer-link.ts';
import type { EnginePorts, Link } from './ports.ts';

/** Where to dial, what for, and who waits for it. */
export interface Dial {
  readonly address: PeerAddress;
  /** Who is to be there, if we know: nobody else gets a word from us. */
  readonly peerId?: PeerId | undefined;
  /** Swarms to enter on the link. */
  readonly infoHashes: readonly InfoHash[];
  /** Until when the other side has to answer, if that is sooner than a dial may take at most. */
  readonly withinMs?: number;
  readonly settle: { resolve(peerId: PeerId): void; reject(error: ShoalError): void };
}

/** What makes links of connections. */
export interface Opener {
  /** A link, not started. */
  open(connection: Link): PeerLink;
  /** Starts it, or closes it when there is no place for it. */
  start(link: PeerLink): void;
}

/** When nobody waits for a dial: how it ended, the slots know. */
export const NOBODY: Dial['settle'] = { resolve: () => undefined, reject: () => undefined };

/** Dials under way, from the decision until the other side said hello or did not; tells the slots how each ended. */
export class Dialler {
  readonly #ports: EnginePorts;
  readonly #slots: ConnectionSlots;
  readonly #opener: Opener;
  readonly #dials = new Map<PeerLink, Dial>();

  constructor(ports: EnginePorts, slots: ConnectionSlots, opener: Opener) {
    this.#ports = ports;
    this.#slots = slots;
    this.#opener = opener;
  }

  /** Dials; failures go to the slots and to whoever waits. */
  async dial(dial: Dial): Promise<void> {
    try {
      const link = this.#opener.open(await this.#ports.transport.dial(dial.address, dial.withinMs));
      this.#dials.set(link, dial);
      this.#opener.start(link);
    } catch (error) {
      if (!(error instanceof ShoalError)) throw error;
      this.#failed(dial, error);
    }
  }

  /** Who is to be at the other end; undefined when we did not dial, or somebody gave us no more than an address. */
  expectedAt(link: PeerLink): PeerId | undefined {
    return this.#dials.get(link)?.peerId;
  }

  /** The other side said hello and is welcome: returns the swarms to enter. */
  reached(link: PeerLink, { peerId, address }: RemotePeer): readonly InfoHash[] {
    const dial = this.#dials.get(link);
    if (dial === undefined) this.#slots.cameIn(address, peerId);
    else this.#slots.linked(dial.address, peerId);
    dial?.settle.resolve(peerId);
    return dial?.infoHashes ?? [];
  }

  /** The link closed, before or after hello; `isLinked` when another link to the same peer stands. */
  closed(link: PeerLink, reason: ShoalError | undefined, isLinked: boolean): void {
    const dial = this.#dials.get(link);
    this.#dials.delete(link);
    const peerId = link.remote?.peerId;
    if (peerId !== undefined && (dial?.peerId ?? peerId) === peerId) {
      if (isLinked) {
        this.#foundAgain(peerId, dial);
        return;
      }
      this.#slots.closed(peerId, this.#ports.clock.now());
    }
    // For a dial that has succeeded this changes nothing any more.
    if (dial !== undefined) this.#failed(dial, reason ?? lost(dial.address));
  }

  #foundAgain(peerId: PeerId, dial: Dial | undefined): void {
    if (dial === undefined) return;
    this.#slots.linked(dial.address, peerId);
    dial.settle.resolve(peerId);
  }

  #failed({ address, settle }: Dial, error: ShoalError): void {
    this.#slots.failed(address, this.#ports.clock.now());
    settle.reject(error);
  }
}

function lost({ host, port }: PeerAddress): ShoalError {
  return new ShoalError('peer-unreachable', `${host}:${String(port)} closed the link`);
}
