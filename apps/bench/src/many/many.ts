import { describeMachine } from '@shoal/testbed';
import type { Measurement } from '../measurement.ts';
import { measureAtOnce } from './at-once.ts';
import { measureIdle } from './idle.ts';
import { measureLinks } from './links.ts';

/** Many shares on one agent, and many links. */
export const MANY: Measurement = {
  name: 'many',
  summary: 'a thousand shares at rest on one agent, fifty that move at once, and two hundred links',
  options: (command) => command.option('--shares <numbers>', 'how many shares, as in 1,1000', '1,1000'),
  async run({ runs, values, print }) {
    const counts = String(values.shares).split(',').map(Number);
    const machine = describeMachine();
    const reports = [await measureAtOnce(runs, print), await measureIdle(counts, print), await measureLinks(print)];
    return reports.map((report) => ({ ...report, setting: [...report.setting, machine] }));
  },
};
