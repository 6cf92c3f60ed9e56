import type { Battery } from './battery.ts';
import { DEFENCES_BATTERY } from './defences/defences.ts';

/** Every battery, in the order in which `all` runs them. */
export const BATTERIES: readonly Battery[] = [DEFENCES_BATTERY];
