import type { LastWords, PeerId, SwarmReport } from '@shoal/protocol';

/** Kept of one machine, and of all. */
const OF_ONE = 20;
const OF_ALL = 1_000;

interface Said extends LastWords {
  readonly peerId: PeerId;
}

/** What machines said of their problems, whether anybody looked or not: the newest of all machines together. */
export class LastWordsBook {
  #said: Said[] = [];

  /** Notes what a machine said; of the same words the last time counts. @param at RFC 3339, UTC */
  note(peerId: PeerId, { code, message }: NonNullable<SwarmReport['problem']>, at: string): void {
    const others = this.#said.filter(
      (said) => said.peerId !== peerId || said.code !== code || said.message !== message,
    );
    const own = others.filter((said) => said.peerId === peerId);
    const tooMany = own.length >= OF_ONE ? own[0] : others.length >= OF_ALL ? others[0] : undefined;
    this.#said = [...others.filter((said) => said !== tooMany), { peerId, at, code, message }];
  }

  /** What one machine said, the newest first. */
  of(peerId: PeerId): readonly LastWords[] {
    const own = this.#said.filter((said) => said.peerId === peerId);
    return own.reverse().map(({ at, code, message }) => ({ at, code, message }));
  }
}
