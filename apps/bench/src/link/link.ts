import type { Measurement } from '../measurement.ts';
import { RIVAL_PROGRAMS } from '../rivals/programs.ts';
import { SHOAL_TRANSFER } from '../shoal-transfer.ts';
import { bytesOption, compareTransfers } from './comparison.ts';
import type { Contender } from './contender.ts';
import { plainTcp } from './plain-tcp.ts';
import { CP, CURL, OPENSSL } from './references.ts';
import { transferBy } from './transfer.ts';

const STAND_BY = [SHOAL_TRANSFER, ...RIVAL_PROGRAMS].filter(({ standsBy }) => standsBy);
const AT_ONCE: readonly Contender[] = [SHOAL_TRANSFER, ...RIVAL_PROGRAMS].map((each) => transferBy(each, 'at once'));

/** One file from one process to another over loopback. */
export const LINK: Measurement = {
  name: 'link',
  summary: 'one file from one process to another over loopback',
  options: (command) => bytesOption(command, 1024),
  run: (order) =>
    compareTransfers(order, {
      name: 'link',
      title: 'One link',
      leechers: 1,
      contenders: [
        ...AT_ONCE,
        ...STAND_BY.map((each) => transferBy(each, 'on order')),
        ...[CURL, plainTcp('plain TCP', 'no sync'), plainTcp('plain TCP, flushed to disk', 'sync'), CP, OPENSSL],
      ],
    }),
};

/** One file from one process to four, which may help each other. */
export const FAN_OUT: Measurement = {
  name: 'fan-out',
  summary: 'one file from one process to four over loopback',
  options: (command) => bytesOption(command, 256),
  run: (order) =>
    compareTransfers(order, {
      name: 'fan-out',
      title: 'One to four',
      leechers: 4,
      contenders: [...AT_ONCE, ...STAND_BY.map((each) => transferBy(each, 'on order')), CURL],
    }),
};
