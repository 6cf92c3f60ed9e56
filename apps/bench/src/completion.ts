import { setTimeout as pause } from 'node:timers/promises';
import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { sha256OfFile, sha256OfTree } from '@shoal/testbed';
import type { Leecher, SampleFile } from './transfer-program.ts';

const PATIENCE_MS = 300_000;

/**
 * When each of the leechers was complete, on the clock of `now`.
 * @throws Error when one ends before all are, or nothing comes
 */
export async function allComplete(leechers: readonly Leecher[]): Promise<number[]> {
  const enough = new AbortController();
  const never = [
    pause(PATIENCE_MS, undefined, { signal: enough.signal }).then(() => {
      throw new Error(`not complete within ${PATIENCE_MS / 1000} s: ${leechers.map(lastWords).join('\n')}`);
    }),
    ...leechers.map(async (leecher) => {
      await leecher.program.exited;
      throw new Error(`ended before all were complete: ${lastWords(leecher)}`);
    }),
  ];
  for (const each of never) each.catch(() => undefined); // what comes after the end of the run is no failure
  try {
    return await Promise.race([Promise.all(leechers.map(({ complete }) => complete)), ...never]);
  } finally {
    enough.abort();
  }
}

/** @throws Error when a copy is not the original */
export async function compareCopies(leechers: readonly Leecher[], file: SampleFile): Promise<void> {
  for (const { copy, program } of leechers) {
    if ((await sha256OfSample(copy)) !== file.sha256)
      throw new Error(`${program.name} delivered another file: ${copy}`);
  }
}

/** The SHA-256 of a file, or of the list of all files in a folder with the SHA-256 of each. */
export async function sha256OfSample(path: string): Promise<string> {
  if ((await stat(path)).isFile()) return sha256OfFile(path);
  return createHash('sha256')
    .update(JSON.stringify(await sha256OfTree(path)))
    .digest('hex');
}

function lastWords({ program }: Leecher): string {
  return `${program.name}: ${program.output.slice(-300)}`;
}
