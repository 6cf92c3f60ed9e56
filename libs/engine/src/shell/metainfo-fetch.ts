import {
  LIMITS,
  parseMetainfo,
  ShoalError,
  type InfoHash,
  type Metainfo,
  type SwarmMessageBody,
} from '@shoal/protocol';
import type { PeerLink } from './peer-link.ts';
import type { Clock } from './ports.ts';

interface Wanted {
  readonly links: readonly PeerLink[];
  readonly asked: Set<PeerLink>;
  readonly resolve: (metainfo: Metainfo) => void;
}

/** Asks linked peers for the metainfo of a share that we know by its info hash only; it proves itself by its hash. */
export class MetainfoFetch {
  readonly #clock: Clock;
  readonly #isEntered: (infoHash: InfoHash) => boolean;
  readonly #wanted = new Map<InfoHash, Wanted>();
  readonly #underWay = new Map<InfoHash, Promise<Metainfo>>();

  /** @param isEntered whether we are in a swarm for its pieces, and stay there when its metainfo has come */
  constructor(clock: Clock, isEntered: (infoHash: InfoHash) => boolean) {
    this.#clock = clock;
    this.#isEntered = isEntered;
  }

  /**
   * Enters the swarm on every link, and takes the first metainfo that proves itself. Who asks for one that is being
   * fetched waits for the same.
   * @throws ShoalError `unknown-share` when no linked peer has handed it out in time
   */
  fetch(infoHash: InfoHash, links: readonly PeerLink[]): Promise<Metainfo> {
    const metainfo = this.#underWay.get(infoHash) ?? this.#ask(infoHash, links);
    this.#underWay.set(infoHash, metainfo);
    return metainfo;
  }

  /** A metainfo came in another way, and its swarm is about to be entered for its pieces: that begins anew. */
  cameOtherwise(metainfo: Metainfo): void {
    const wanted = this.#wanted.get(metainfo.infoHash);
    for (const link of wanted?.links ?? []) link.leave(metainfo.infoHash);
    wanted?.resolve(metainfo);
  }

  async #ask(infoHash: InfoHash, links: readonly PeerLink[]): Promise<Metainfo> {
    try {
      return await new Promise<Metainfo>((resolve, reject) => {
        const giveUp = (): void => {
          reject(new ShoalError('unknown-share', `no linked peer has handed out the metainfo of ${infoHash}`));
        };
        const cancel = this.#clock.setTimer(links.length === 0 ? 0 : LIMITS.trackerReplyMs, giveUp);
        const found = (metainfo: Metainfo): void => {
          cancel();
          resolve(metainfo);
        };
        this.#wanted.set(infoHash, { links, asked: new Set(), resolve: found });
        for (const link of links) link.join(infoHash);
      });
    } finally {
      this.#wanted.delete(infoHash);
      this.#underWay.delete(infoHash);
      if (!this.#isEntered(infoHash)) for (const link of links) link.leave(infoHash);
    }
  }

  /** Both sides are in a swarm: asks, if that is why we are in it. */
  joined(link: PeerLink, infoHash: InfoHash): void {
    const wanted = this.#wanted.get(infoHash);
    if (wanted === undefined) return;
    wanted.asked.add(link);
    link.send(infoHash, { kind: 'metainfo?' });
  }

  /**
   * A message about a swarm that we are in for its metainfo only.
   * @throws ShoalError as `parseMetainfo`, when what was handed out is not what was asked for
   */
  heard(link: PeerLink, infoHash: InfoHash, message: SwarmMessageBody): void {
    const wanted = this.#wanted.get(infoHash);
    if (message.kind !== 'metainfo' || wanted?.asked.delete(link) !== true) return;
    wanted.resolve(parseMetainfo(message.document, 'the metainfo from a peer', infoHash));
  }
}
