import { expect, it } from 'vitest';
import { drawAge, drawBytes, drawPercent, drawRate, drawSeconds, partOf } from '../../src/drawing/units.ts';

const MiB = 1024 ** 2;

it.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [1.59 * MiB, '1.5 MiB'],
  [312.9 * MiB, '312 MiB'],
  [3 * 1024 ** 5, '3.0 PiB'],
])('draws bytes without rounding up', (bytes, text) => {
  expect(drawBytes(bytes)).toBe(text);
});

it.each([
  [undefined, '–'],
  [1.25, '1.3 s'],
  [59.2, '1 min'],
  [61, '1 min 1 s'],
  [3_600, '1 h'],
  [90_000, '1 d 1 h'],
])('draws durations in two units', (seconds, text) => {
  expect(drawSeconds(seconds)).toBe(text);
});

it('draws ages in one unit, and nothing for what is no time', () => {
  const nowMs = Date.parse('2026-11-30T12:00:00Z');
  const ages = ['2026-11-30T11:59:30Z', '2026-11-30T09:00:00Z', '2026-11-01T12:00:00Z', '2027-01-01T00:00:00Z', 'once'];
  expect(ages.map((at) => drawAge(at, nowMs))).toEqual(['30 s', '3 h', '29 d', '0 s', '–']);
});

it('never says that all is there before it is', () => {
  expect(drawPercent(partOf(9_999, 10_000))).toBe('99.9 %');
  expect(drawPercent(partOf(7, 7))).toBe('100 %');
  expect(drawPercent(partOf(0, 0))).toBe('100 %');
  expect(drawRate(0)).toBe('–');
});
