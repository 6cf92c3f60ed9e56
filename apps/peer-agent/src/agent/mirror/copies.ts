import type { ShareLook } from '@shoal/engine/node';
import type { InfoHash, Metainfo, TransferState } from '@shoal/protocol';
import type { Agent } from '../agent.ts';
import { isUnchanged, type HeldShare } from '../held-share.ts';
import type { Wanted } from '../holdings.ts';
import type { MirrorFolder } from './mirror-folder.ts';

/** One share that a mirror downloads or has downloaded. */
export interface Copy {
  readonly share: HeldShare;
  readonly state: TransferState;
  /** All of it is there, and that is remembered. */
  readonly isComplete: boolean;
  /** What tells it from other shares of its name. */
  readonly version: { readonly infoHash: InfoHash; readonly registeredAt: string };
}

/** The part of an agent that its mirror uses. */
export type MirroringAgent = Pick<Agent, 'holdings' | 'states' | 'remove' | 'hold'>;

/** What a mirror holds, and what it does with it. */
export class Copies {
  readonly #agent: MirroringAgent;
  readonly #folder: MirrorFolder;
  readonly #look: (path: string) => Promise<ShareLook>;

  constructor(agent: MirroringAgent, folder: MirrorFolder, look: (path: string) => Promise<ShareLook>) {
    this.#agent = agent;
    this.#folder = folder;
    this.#look = look;
  }

  /** All copies; what they are doing is looked up, once, when somebody asks for the first `state`. */
  list(): Copy[] {
    let known: ((share: HeldShare) => TransferState) | undefined;
    const stateOf = (share: HeldShare): TransferState => (known ??= this.#agent.states())(share);
    return this.#agent.holdings.list().flatMap((share) => {
      const { origin, metainfo } = share;
      if (origin.kind !== 'mirrored') return [];
      const version = { infoHash: metainfo.infoHash, registeredAt: origin.registeredAt };
      const copy: Copy = {
        share,
        version,
        get state() {
          return stateOf(share);
        },
        get isComplete() {
          return share.fingerprint !== undefined && stateOf(share) === 'seeding';
        },
      };
      return [copy];
    });
  }

  get(infoHash: InfoHash): HeldShare | undefined {
    const share = this.#agent.holdings.get(infoHash);
    return share?.origin.kind === 'mirrored' ? share : undefined;
  }

  /** Whether the agent holds a share, whoever wanted it. */
  holds(infoHash: InfoHash): boolean {
    return this.#agent.holdings.get(infoHash) !== undefined;
  }

  /** The copy that stands at a path. */
  at(path: string): Copy | undefined {
    return this.list().find(({ share }) => share.path === path);
  }

  unfinishedOf(name: string): Copy[] {
    return this.list().filter(
      (copy) =>
        copy.share.metainfo.info.name === name && this.#folder.isIncoming(copy.share.path) && copy.state !== 'seeding',
    );
  }

  async download(metainfo: Metainfo, wanted: Omit<Wanted, 'metainfo'>): Promise<void> {
    await this.#agent.holdings.addDownload({ metainfo, ...wanted });
  }

  /** Lets go of a copy, and removes what lies of it in `.incoming`. */
  async drop({ share }: Pick<Copy, 'share'>): Promise<void> {
    const { infoHash } = share.metainfo;
    if (this.holds(infoHash)) await this.#agent.remove(infoHash);
    await this.#folder.clear(infoHash);
  }

  /**
   * Goes on with complete data that is unchanged after all. Otherwise lets go of the copy and leaves what is on disk: what
   * was downloaded of an unfinished one, or what somebody has made of a complete one.
   */
  async reopen(share: HeldShare): Promise<'goes-on' | 'unfinished' | 'lost'> {
    const { metainfo, path, trackers, origin, fingerprint } = share;
    await this.#agent.remove(metainfo.infoHash);
    if (fingerprint === undefined) return 'unfinished';
    if (!(await this.isUnchanged(share))) return 'lost';
    await this.#agent.hold({ metainfo, path, trackers, origin });
    return 'goes-on';
  }

  /** Whether complete data still looks as it did when it was verified. */
  async isUnchanged(share: HeldShare): Promise<boolean> {
    const look = await this.#look(share.path).catch(() => undefined);
    return look !== undefined && isUnchanged(share, look);
  }

  move(share: HeldShare, to: string): Promise<void> {
    return this.#agent.holdings.move(share, to);
  }
}
