import type { Log } from '@shoal/engine';
import { pino } from 'pino';

const STDERR = 2;

/** A log of one JSON object a line on stderr. */
export function createLog(level: 'debug' | 'info' | 'warn'): Log {
  return pino({ level }, pino.destination({ dest: STDERR, sync: true }));
}
