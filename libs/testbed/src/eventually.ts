import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 10;

/**
 * Asks again and again until there is an answer, for what can only be looked up.
 * @param look answers undefined as long as there is none
 * @throws Error when nothing comes within `patienceMs`; whatever `look` throws
 */
export async function eventually<T>(
  what: string,
  look: () => Promise<T | undefined>,
  patienceMs = 120_000,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    const answer = await look();
    if (answer !== undefined) return answer;
    if (performance.now() > deadline) throw new Error(`waited ${patienceMs / 1000} s for ${what}`);
    await pause(LOOK_EVERY_MS);
  }
}
