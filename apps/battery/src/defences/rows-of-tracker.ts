import type { Defence } from './defence.ts';

/** What the tracker defends: its memory, its database, its callers. */
export const ROWS_OF_TRACKER: readonly Defence[] = [];
