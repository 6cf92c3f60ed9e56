import { homedir } from 'node:os';
import { expect, test } from 'vitest';
import { parsePort, parseRate, readConfig } from '../src/config.ts';

test('keeps the state in SHOAL_HOME', () => {
  expect(readConfig({ SHOAL_HOME: '/srv/shoal' }).home).toBe('/srv/shoal');
});

test.runIf(process.platform === 'linux')('keeps the state in the data folder of the user otherwise', () => {
  expect(readConfig({ XDG_DATA_HOME: '/data' }).home).toBe('/data/shoal');
  expect(readConfig({ SHOAL_HOME: '' }).home).toBe(`${homedir()}/.local/share/shoal`);
});

test('reads the tracker in every form that a person may write', () => {
  expect(readConfig({ SHOAL_TRACKER: 'localhost:8000' }).tracker).toBe('http://localhost:8000');
  expect(readConfig({}).tracker).toBeUndefined();
});

test('refuses a tracker that is none, naming the variable', () => {
  expect(() => readConfig({ SHOAL_TRACKER: 'ftp://x' })).toThrow(expect.objectContaining({ code: 'bad-config' }));
  expect(() => readConfig({ SHOAL_TRACKER: 'ftp://x' })).toThrow(/SHOAL_TRACKER/);
});

test('refuses a variable that nobody reads, but leaves those of the tracker to it', () => {
  expect(() => readConfig({ SHOAL_TRAKER: 'localhost:8000' })).toThrow(/SHOAL_TRAKER is unknown/);
  expect(() => readConfig({ SHOAL_TRACKER_PORT: '8000', PATH: '/bin' })).not.toThrow();
});

test.each(['65536', '-1', '8000x', '', '1e3', '0x10'])('refuses the port "%s"', (text) => {
  expect(() => parsePort(text)).toThrow(expect.objectContaining({ code: 'bad-config' }));
});

test('takes every port from 0 to 65535', () => {
  expect([parsePort('0'), parsePort('65535')]).toEqual([0, 65_535]);
});

test.each([
  ['1024', 1024],
  ['500K', 512_000],
  ['1.5M', 1_572_864],
  ['2MiB/s', 2_097_152],
  ['1g', 1_073_741_824],
])('reads the rate %s', (text, rate) => {
  expect(parseRate(text)).toBe(rate);
});

test.each(['', 'fast', '-1M', '1T', '1023', '0'])('refuses the rate "%s"', (text) => {
  expect(() => parseRate(text)).toThrow(expect.objectContaining({ code: 'bad-config' }));
});
