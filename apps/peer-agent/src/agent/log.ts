import type { Log } from '@shoal/engine';
import { pino } from 'pino';
import type { LogSettings } from '../settings/settings.ts';

const STDERR = 2;

/** A log on stderr, one event a line. */
export function createLog({ level }: LogSettings): Log {
  return pino({ level }, pino.destination({ dest: STDERR, sync: true }));
}
