import type { Battery } from './battery.ts';
import { CRASH } from './crash/crash.ts';
import { DEFENCES_BATTERY } from './defences/defences.ts';
import { DISK } from './disk/disk.ts';
import { FUZZ } from './fuzz/fuzz.ts';
import { INPUT } from './input/input.ts';
import { LOAD } from './load/load.ts';
import { NETWORK } from './network/network.ts';
import { PEERS } from './peers/peers.ts';
import { SOAK } from './soak/soak.ts';
import { SWARMS } from './swarms/swarms.ts';
import { TRACKER } from './tracker/tracker.ts';

/** Every battery, in the order in which `all` runs them. */
export const BATTERIES: readonly Battery[] = [
  CRASH,
  DEFENCES_BATTERY,
  DISK,
  FUZZ,
  INPUT,
  LOAD,
  NETWORK,
  PEERS,
  SOAK,
  SWARMS,
  TRACKER,
];
