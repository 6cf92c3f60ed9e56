import type { Defence } from './defence.ts';

/** What the shell of the engine defends: links, dials, and the protocol of a link. */
export const ROWS_OF_ENGINE_SHELL: readonly Defence[] = [];
