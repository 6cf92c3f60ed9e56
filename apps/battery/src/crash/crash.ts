import { runParts, type Battery } from '../battery.ts';
import { NAMED_POINTS } from './named-points.ts';
import { POWER_CUT } from './power-cut.ts';
import { RANDOM_KILLS } from './random-kills.ts';
import { SPOILED_MAP } from './spoiled-map.ts';

/** Real downloaders are killed, and go on. */
export const CRASH: Battery = {
  name: 'crash',
  summary: 'kills downloaders anywhere, cuts the power, spoils their have-maps, and lets them go on',
  run: (order) => runParts([RANDOM_KILLS, NAMED_POINTS, POWER_CUT, SPOILED_MAP], order),
};
