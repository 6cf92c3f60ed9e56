import { LIMITS, type FromFleet, type Holding, type InfoHash, type PeerId } from '@shoal/protocol';
import type { Member, Peer } from '../swarm-registry.ts';
import { lotsOf } from './lots.ts';
import type { Picture } from './picture-view.ts';
import { machineOf, reportOf, type FleetSight } from './sight.ts';

type Described = Pick<Holding, 'name' | 'length'>;

/** Of a share that nobody registered. */
const UNREGISTERED: Described = { name: '', length: 0 };

/** One machine: what it shares and downloads, and what it said last. */
export class MachinePicture implements Picture {
  readonly #sight: FleetSight;
  readonly #peerId: PeerId;
  #described = new Map<InfoHash, Described>();
  #isKnown = false;
  /** Of the catalogue that was asked last. */
  #edition = 0;

  constructor(sight: FleetSight, peerId: PeerId) {
    this.#sight = sight;
    this.#peerId = peerId;
  }

  /** Asks the catalogue for the names of shares of which it does not know them yet. */
  async refresh(): Promise<boolean> {
    const { catalogue, edition } = this.#sight;
    const infoHashes = [...this.#members().keys()];
    const isNews = edition !== this.#edition;
    const unknown = infoHashes.filter((infoHash) => (this.#described.get(infoHash)?.name ?? '') === '');
    const asked = isNews ? unknown : unknown.filter((infoHash) => !this.#described.has(infoHash));
    if (asked.length === 0 && this.#isKnown) return false;
    this.#edition = edition;
    try {
      const found = new Map((await catalogue.describe(asked)).map((share) => [share.infoHash, share]));
      const describe = (infoHash: InfoHash): Described => {
        return found.get(infoHash) ?? this.#described.get(infoHash) ?? UNREGISTERED;
      };
      this.#described = new Map(infoHashes.map((infoHash) => [infoHash, describe(infoHash)]));
    } catch (error) {
      this.#sight.failed(error);
    }
    this.#isKnown = true;
    return true;
  }

  draw(): FromFleet | undefined {
    if (!this.#isKnown) return undefined;
    const peer = this.#sight.registry.known(this.#peerId);
    if (peer === undefined) return { kind: 'missing' };
    const holdings = [...this.#members().values()].map((member) => this.#holdingOf(member));
    const [fitting = []] = lotsOf(holdings.map((holding) => JSON.stringify(holding)));
    return {
      kind: 'machine',
      machine: machineOf(this.#sight, peer),
      holdings: holdings.slice(0, fitting.length),
      lastWords: this.#sight.lastWords.of(this.#peerId),
    };
  }

  #members(): ReadonlyMap<InfoHash, Member> {
    const peer: Pick<Peer, 'members'> | undefined = this.#sight.registry.known(this.#peerId);
    const members = [...(peer?.members ?? [])].slice(0, LIMITS.announceSwarms);
    return new Map(members);
  }

  #holdingOf(member: Member): Holding {
    const { infoHash } = member.swarm;
    const { name, length } = this.#described.get(infoHash) ?? UNREGISTERED;
    return { ...reportOf(this.#sight, member), name, length };
  }
}
