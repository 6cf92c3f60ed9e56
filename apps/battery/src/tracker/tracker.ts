import { runParts, type Battery } from '../battery.ts';
import { DAMAGE, FULL_DISK } from './damage.ts';
import { LOCKS } from './locks.ts';
import { OUTAGE } from './outage.ts';
import { REFUSALS } from './refusals.ts';
import { KILLS, MILLION } from './kills.ts';

/** What the tracker keeps, and what its agents do without it. */
export const TRACKER: Battery = {
  name: 'tracker',
  summary: 'kills the tracker under load, locks and spoils its database, and takes it away from its agents',
  run: (order) => runParts([KILLS, MILLION, LOCKS, REFUSALS, DAMAGE, FULL_DISK, OUTAGE], order),
};
