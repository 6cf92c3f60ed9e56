import { runParts, type Battery } from '../battery.ts';
import { CATALOGUE } from './catalogue.ts';
import { SESSIONS } from './sessions.ts';
import { SLOW_CONSUMER } from './slow-consumer.ts';

/** As much as a tracker must carry, and more than that. */
export const LOAD: Battery = {
  name: 'load',
  summary: 'thousands of sessions that come and go on one tracker, more than it has room for, and a million shares',
  run: (order) => runParts([SESSIONS, SLOW_CONSUMER, CATALOGUE], order),
};
