import { LIMITS, type FoundShare, type Metainfo } from '@shoal/protocol';
import type { PeerLink } from './peer-link.ts';
import type { Clock } from './ports.ts';

/** How long linked peers have to answer. */
const ANSWER_MS = 2_000;
const FILES_PER_SHARE = 10;
/** What an answer may have beside its shares: kind, id and punctuation. */
const ENVELOPE_BYTES = 64;

interface Answer {
  readonly host: string;
  readonly port: number;
  readonly shares: readonly FoundShare[];
}

interface Question {
  readonly unanswered: Set<PeerLink>;
  readonly answers: Answer[];
  readonly finish: () => void;
}

/** Search among peers: asks those that are linked, and answers from our own shares. */
export class PeerSearch {
  readonly #clock: Clock;
  readonly #shares: () => readonly Metainfo[];
  readonly #questions = new Map<number, Question>();
  #nextId = 0;

  /** @param shares what others may find here */
  constructor(clock: Clock, shares: () => readonly Metainfo[]) {
    this.#clock = clock;
    this.#shares = shares;
  }

  /** Asks every link, and resolves when all have answered or their time is over. */
  ask(query: string, links: readonly PeerLink[]): Promise<readonly Answer[]> {
    if (links.length === 0) return Promise.resolve([]);
    const id = this.#nextId++;
    return new Promise((resolve) => {
      const answers: Answer[] = [];
      const finish = (): void => {
        cancel();
        this.#questions.delete(id);
        resolve(answers);
      };
      const cancel = this.#clock.setTimer(ANSWER_MS, finish);
      this.#questions.set(id, { unanswered: new Set(links), answers, finish });
      for (const link of links) link.search(id, query);
    });
  }

  /** A peer answered. */
  found(link: PeerLink, id: number, shares: readonly FoundShare[]): void {
    const question = this.#questions.get(id);
    if (question?.unanswered.delete(link) !== true || link.remote === undefined) return;
    question.answers.push({ ...link.remote.address, shares });
    if (question.unanswered.size === 0) question.finish();
  }

  /** A link closed: it will not answer any more. */
  forget(link: PeerLink): void {
    for (const question of [...this.#questions.values()]) {
      if (question.unanswered.delete(link) && question.unanswered.size === 0) question.finish();
    }
  }

  /** Our shares whose name or files contain the query, in any case: as many as one message holds. */
  matches(query: string): FoundShare[] {
    const wanted = query.toLowerCase();
    const found: FoundShare[] = [];
    let roomBytes = LIMITS.controlMessageBytes - ENVELOPE_BYTES;
    for (const { infoHash, info } of this.#shares()) {
      const paths = info.files.map((file) => file.path.join('/'));
      const files = paths.filter((path) => path.toLowerCase().includes(wanted)).slice(0, FILES_PER_SHARE);
      if (files.length === 0 && !info.name.toLowerCase().includes(wanted)) continue;
      const share = { infoHash, name: info.name, length: info.length, files };
      roomBytes -= new TextEncoder().encode(JSON.stringify(share)).length + 1;
      if (found.length === LIMITS.searchPage || roomBytes < 0) break;
      found.push(share);
    }
    return found;
  }
}
