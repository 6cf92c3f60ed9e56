import pc from 'picocolors';
import { expect, test } from 'vitest';
import { drawLogLine } from '../../src/drawing/log-line.ts';

const plain = pc.createColors(false);
const time = new Date(2026, 10, 22, 14, 5, 9).getTime();

function draw(fields: object): string {
  return drawLogLine(JSON.stringify({ level: 30, time, msg: 'shared photos', ...fields }), plain);
}

test('says when and what, on one line', () => {
  expect(draw({})).toBe('14:05:09 shared photos\n');
});

test('names the level only when something is wrong', () => {
  expect(draw({ level: 20 })).toBe('14:05:09 shared photos\n');
  expect(draw({ level: 40, msg: 'no tracker' })).toBe('14:05:09 WARN no tracker\n');
  expect(draw({ level: 50, msg: 'no disk' })).toBe('14:05:09 ERROR no disk\n');
});

test('adds the facts that a person may need and that the message does not name', () => {
  const infoHash = 'ab12cd34'.repeat(8);
  expect(draw({ pid: 7, length: 31, infoHash, path: '/data/photos', code: 'disk-full' })).toBe(
    '14:05:09 shared photos (code disk-full, path /data/photos, infoHash ab12cd34)\n',
  );
  expect(draw({ msg: 'shared /data/photos', path: '/data/photos' })).toBe('14:05:09 shared /data/photos\n');
});

test('says why without a stack', () => {
  expect(draw({ err: { type: 'Error', message: 'boom', stack: 'Error: boom\n    at x' } })).toBe(
    '14:05:09 shared photos (boom)\n',
  );
});

test('says once what message and error both say', () => {
  expect(draw({ msg: 'writing it: ENOSPC', err: { message: 'writing it: ENOSPC: ENOSPC' } })).toBe(
    '14:05:09 writing it: ENOSPC\n',
  );
  expect(draw({ msg: 'writing it', err: { message: 'writing it: ENOSPC' } })).toBe('14:05:09 writing it (ENOSPC)\n');
});

test('lets no stranger write on the terminal', () => {
  const line = draw({ msg: 'found evil\u001b[2J\nname', path: '/a\u202eb' });
  expect(line).toBe('14:05:09 found evil�name (path /a�b)\n');
});

test('colours only where colours are wanted', () => {
  const event = JSON.stringify({ level: 50, time, msg: 'no disk', code: 'disk-full' });
  expect(drawLogLine(event, plain)).not.toContain('\u001b');
  expect(drawLogLine(event, pc.createColors(true))).toContain('\u001b[31mERROR');
});
