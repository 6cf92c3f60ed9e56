import type { Battery } from './battery.ts';

/** Every battery, in the order in which `all` runs them. */
export const BATTERIES: readonly Battery[] = [];
