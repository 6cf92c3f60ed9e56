import type { HandedPeer, InfoHash, PeerId } from '@shoal/protocol';
import type { TrackerHandlers, TrackerIdentity, TrackerLink } from '../shell/ports.ts';
import type { SimHost } from './sim-host.ts';
import { SimPlace } from './sim-place.ts';
import type { SimWorld } from './sim-world.ts';

interface Member {
  readonly peer: HandedPeer;
  readonly handlers: TrackerHandlers;
  readonly host: SimHost;
  left: number;
}

/** A tracker in the simulated world: hands out who is there, and pushes who comes to those who still lack pieces. */
export class SimTracker {
  /** Off, nobody is answered; members stay known. */
  isUp = true;
  readonly place = new SimPlace();
  readonly #world: SimWorld;
  readonly #handOut: number;
  readonly #swarms = new Map<InfoHash, Map<PeerId, Member>>();

  /** @param handOut most peers in one answer */
  constructor(world: SimWorld, handOut = 50) {
    this.#world = world;
    this.#handOut = handOut;
  }

  /** A session from a host; everything takes that host's latency, both ways. */
  open(host: SimHost, identity: TrackerIdentity, handlers: TrackerHandlers): TrackerLink {
    const peer: HandedPeer = { peerId: identity.peerId, host: host.name, port: identity.port };
    const later = (action: () => void): void => {
      this.#world.after(host.line.options.latencyMs, () => {
        host.line.place.reach(this.place, () => {
          if (!this.isUp) return;
          this.#world.settle();
          action();
        });
      });
    };
    return {
      announce: (infoHash, left) => {
        later(() => {
          this.#announce(infoHash, { peer, handlers, host, left });
        });
      },
      leave: (infoHash) => {
        later(() => this.#swarms.get(infoHash)?.delete(peer.peerId));
      },
      // It has no catalogue that could change.
      follow: () => undefined,
      stop: () => {
        for (const members of this.#swarms.values()) members.delete(peer.peerId);
        return Promise.resolve();
      },
    };
  }

  #announce(infoHash: InfoHash, newcomer: Member): void {
    const members = this.#swarms.get(infoHash) ?? new Map<PeerId, Member>();
    this.#swarms.set(infoHash, members);
    const known = members.get(newcomer.peer.peerId);
    if (known?.host === newcomer.host) {
      known.left = newcomer.left;
      return;
    }
    members.delete(newcomer.peer.peerId);
    const others = this.#sample([...members.values()]);
    members.set(newcomer.peer.peerId, newcomer);
    this.#tell(
      newcomer,
      infoHash,
      others.map(({ peer }) => peer),
    );
    for (const other of others) if (other.left > 0) this.#tell(other, infoHash, [newcomer.peer]);
  }

  #sample(members: Member[]): Member[] {
    const drawn: Member[] = [];
    while (drawn.length < this.#handOut && members.length > 0) {
      drawn.push(...members.splice(Math.floor(this.#world.random.next() * members.length), 1));
    }
    return drawn;
  }

  #tell(member: Member, infoHash: InfoHash, added: readonly HandedPeer[]): void {
    const { line } = member.host;
    this.#world.after(line.options.latencyMs, () => {
      this.place.reach(line.place, () => {
        line.process.run(() => {
          this.#world.settle();
          member.handlers.onPeers(infoHash, added, []);
        });
      });
    });
  }
}
