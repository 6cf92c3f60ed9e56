import type { Defence } from './defence.ts';

/** What the parsers of the protocol refuse. */
export const ROWS_OF_PROTOCOL: readonly Defence[] = [];
