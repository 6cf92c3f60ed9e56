import { runParts, type Battery } from '../battery.ts';
import { DEAD_ADDRESSES } from './dead-addresses.ts';
import { EACH_FAULT } from './each-fault.ts';
import { HALF_OPEN } from './half-open.ts';
import { PARTITION } from './partition.ts';
import { SOME_RESETS } from './some-resets.ts';

/** The network between real agents fails. */
export const NETWORK: Battery = {
  name: 'network',
  summary: 'delays, slows, slices, holds, cuts, resets and swallows what goes between agents',
  run: (order) => runParts([EACH_FAULT, SOME_RESETS, HALF_OPEN, DEAD_ADDRESSES, PARTITION], order),
};
