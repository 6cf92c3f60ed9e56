import { runParts, type Battery } from '../battery.ts';
import { COMMAND_LINE } from './command-line/command-line.ts';
import { CONTROL } from './control/control.ts';
import { METAINFO } from './metainfo/metainfo.ts';
import { PEER } from './peer/peer.ts';
import { TRACKER } from './tracker/tracker.ts';

/** Bad input, table by table, on every way into the built programs: each row says the code that it must get. */
export const INPUT: Battery = {
  name: 'input',
  summary: 'bad metainfos, messages, calls, settings and words, on every way in',
  run: (order) => runParts([METAINFO, PEER, TRACKER, CONTROL, COMMAND_LINE], order),
};
