import { setFlagsFromString } from 'node:v8';
import { ShoalError, toVisible } from '@shoal/protocol';
import { pino } from 'pino';
import { readConfig } from './config.ts';
import { createTracker } from './tracker.ts';

const STDERR = 2;

// The young part of the heap stays as large as it is now: V8 would let it grow while many enter, and keep it (docs/adr/0013).
setFlagsFromString('--semi-space-growth-factor=1');

try {
  const invocation = readConfig(process.argv.slice(2), process.env);
  if (invocation.kind === 'help') process.stdout.write(invocation.text);
  else {
    const { config } = invocation;
    const log = pino({ level: config.logLevel }, pino.destination({ dest: STDERR, sync: true }));
    const tracker = createTracker(config, log);
    const url = await tracker.start();
    log.info({ config }, 'the tracker is running');
    process.stdout.write(`Shoal tracker is running at ${url}\n`);
    for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void tracker.stop());
    // `shoal tracker`, which started it with a channel, was killed: nobody else would stop it.
    process.once('disconnect', () => void tracker.stop());
    process.channel?.unref();
  }
} catch (error) {
  if (!(error instanceof ShoalError)) throw error;
  process.stderr.write(`shoal-tracker: ${toVisible(error.message)} (${error.code}). ${error.hint}\n`);
  process.exitCode = error.code === 'bad-config' ? 2 : 1;
}
