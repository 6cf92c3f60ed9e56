/** Turns what the referee finds into a story: each thing is said once, when it becomes true. */
import type { InfoHash } from '@shoal/protocol';
import type { Copy } from './copies.ts';

/** One leecher's copy of one share. */
export interface Finding {
  readonly leecher: number;
  readonly infoHash: InfoHash;
  readonly name: string;
  readonly copy: Copy;
}

export class Judge {
  readonly #said = new Map<string, Copy['kind']>();
  #leechers: readonly number[] = [];
  #verdict = '';
  #wrongCopies = 0;

  /** How many copies were found under their final name that were not what they should be. */
  get wrongCopies(): number {
    return this.#wrongCopies;
  }

  /** What is true of all now; undefined while a copy lacks, or there is nothing to judge. */
  get verdict(): string | undefined {
    return this.#verdict === '' ? undefined : this.#verdict;
  }

  /**
   * Takes in one look at everything.
   * @param leechers the numbers of those who are there
   * @returns what is new, in words
   */
  observe(leechers: readonly number[], findings: readonly Finding[]): string[] {
    const lines = [...this.#comings(leechers), ...findings.flatMap((finding) => this.#judge(finding))];
    const areAll = findings.length > 0 && findings.every(({ copy }) => copy.kind === 'verified');
    const shares = new Set(findings.map(({ infoHash }) => infoHash)).size;
    const verdict = areAll
      ? `all ${plural(leechers.length, 'leecher')} hold verified copies of ${plural(shares, 'share')}`
      : '';
    if (verdict !== '' && verdict !== this.#verdict) lines.push(verdict);
    this.#verdict = verdict;
    return lines;
  }

  #comings(leechers: readonly number[]): string[] {
    const gone = this.#leechers.filter((leecher) => !leechers.includes(leecher));
    const come = leechers.filter((leecher) => !this.#leechers.includes(leecher));
    this.#leechers = leechers;
    return [
      ...gone.map((leecher) => `the leecher of slot ${leecher} is gone`),
      ...come.map((leecher) => `the leecher of slot ${leecher} is there`),
    ];
  }

  #judge({ leecher, infoHash, name, copy }: Finding): string[] {
    const key = `${leecher} ${infoHash}`;
    if (this.#said.get(key) === copy.kind) return [];
    this.#said.set(key, copy.kind);
    if (copy.kind === 'verified') return [`the leecher of slot ${leecher} holds a verified copy of ${name}`];
    if (copy.kind !== 'wrong') return [];
    this.#wrongCopies++;
    return [
      `the leecher of slot ${leecher} holds a WRONG copy of ${name}: ${copy.path || name} is not as the metainfo says`,
    ];
  }
}

function plural(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
