import type { Log } from '@shoal/engine';
import { pino, type DestinationStream } from 'pino';
import type { Frame } from '../drawing/frame.ts';
import { drawLogLine } from '../drawing/log-line.ts';
import type { LogSettings } from '../settings/settings.ts';

const STDERR = 2;

/**
 * A log with one event a line: an object for programs, or a text for people.
 * @param colours of the place where people read it
 * @param destination takes each line at once; stderr when absent
 */
export function createLog(
  { level, format }: LogSettings,
  colours: Frame['colours'],
  destination: DestinationStream = pino.destination({ dest: STDERR, sync: true }),
): Log {
  if (format === 'json') return pino({ level }, destination);
  return pino(
    { level, base: null },
    {
      write: (line) => {
        destination.write(drawLogLine(line, colours));
      },
    },
  );
}
