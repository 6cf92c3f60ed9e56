import { runParts, type Battery } from '../battery.ts';
import { FAILING_DISK } from './failing-disk.ts';
import { FULL_DISK } from './full-disk.ts';
import { ODD_TARGETS } from './odd-targets.ts';
import { SEEDER_FILES } from './seeder-files.ts';

/** The disk and the clock under real programs fail. */
export const DISK: Battery = {
  name: 'disk',
  summary: 'fills and breaks disks, changes files under seeders, and plays with the clock',
  run: (order) => runParts([FULL_DISK, FAILING_DISK, SEEDER_FILES, ODD_TARGETS], order),
};
