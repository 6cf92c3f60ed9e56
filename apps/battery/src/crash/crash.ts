import { runParts, type Battery } from '../battery.ts';
import { RANDOM_KILLS } from './random-kills.ts';

/** Real downloaders are killed, and go on. */
export const CRASH: Battery = {
  name: 'crash',
  summary: 'kills downloaders anywhere, cuts the power, spoils their have-maps, and lets them go on',
  run: (order) => runParts([RANDOM_KILLS], order),
};
