/** The lines that were typed at earlier prompts, for the arrow keys. Losing them costs nothing, so no failure is shown. */
import { appendFile, mkdir, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { replaceStateFile } from '../agent/state-file.ts';

/** Lines that are kept. */
export const HISTORY_LINES = 1_000;

/** A file of typed lines; several prompts may add to it at once. */
export class History {
  readonly #path: string;

  constructor(home: string) {
    this.#path = join(home, 'history');
  }

  /** The remembered lines, the last first as readline wants them; what is too old is dropped from the file. */
  async load(): Promise<string[]> {
    const text = await readFile(this.#path, 'utf8').catch(() => '');
    const lines = text.split('\n').filter((line) => line !== '');
    const kept = lines.slice(-HISTORY_LINES);
    if (kept.length < lines.length) await replaceStateFile(this.#path, `${kept.join('\n')}\n`).catch(() => undefined);
    return kept.reverse();
  }

  async add(line: string): Promise<void> {
    try {
      await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
      await appendFile(this.#path, `${line}\n`, { mode: 0o600 });
    } catch {
      return;
    }
  }
}
