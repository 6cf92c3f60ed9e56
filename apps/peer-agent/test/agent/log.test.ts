import pc from 'picocolors';
import { expect, test } from 'vitest';
import { createLog } from '../../src/agent/log.ts';
import type { LogSettings } from '../../src/settings/settings.ts';

function write(settings: LogSettings): string[] {
  const lines: string[] = [];
  const log = createLog(settings, pc.createColors(false), { write: (line) => lines.push(line) });
  log.debug({}, 'looked');
  log.info({ port: 7000 }, 'running');
  log.error({ err: new Error('boom') }, 'broken');
  return lines;
}

test('writes an object a line for programs', () => {
  expect(write({ level: 'info', format: 'json' }).map((line) => JSON.parse(line) as unknown)).toMatchObject([
    { level: 30, msg: 'running', port: 7000 },
    { level: 50, msg: 'broken', err: { message: 'boom' } },
  ]);
});

test('writes a text a line for people', () => {
  const lines = write({ level: 'debug', format: 'text' });
  expect(lines.map((line) => line.replace(/^\d\d:\d\d:\d\d /, ''))).toEqual([
    'looked\n',
    'running (port 7000)\n',
    'ERROR broken (boom)\n',
  ]);
});

test('leaves out what is less than the level', () => {
  expect(write({ level: 'error', format: 'text' })).toHaveLength(1);
});
