import { runParts, type Battery } from '../battery.ts';
import { CLOCK_JUMPS } from './clock-jumps.ts';
import { FAILING_DISK } from './failing-disk.ts';
import { FEW_DESCRIPTORS } from './few-descriptors.ts';
import { FULL_DISK } from './full-disk.ts';
import { ODD_TARGETS } from './odd-targets.ts';
import { SEEDER_FILES } from './seeder-files.ts';
import { STOPPED_PROCESS } from './stopped-process.ts';

/** The disk and the clock under real programs fail. */
export const DISK: Battery = {
  name: 'disk',
  summary: 'fills and breaks disks, changes files under seeders, and plays with the clock',
  run: (order) =>
    runParts(
      [FULL_DISK, FAILING_DISK, SEEDER_FILES, ODD_TARGETS, FEW_DESCRIPTORS, CLOCK_JUMPS, STOPPED_PROCESS],
      order,
    ),
};
