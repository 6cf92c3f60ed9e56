import { expect, test } from 'vitest';
import { readSetting, type SettingKey } from '../../src/settings/setting-values.ts';

test.each<[SettingKey, string | readonly string[], unknown]>([
  ['port', '0', 0],
  ['port', '65535', 65_535],
  ['uploadLimit', '1024', 1024],
  ['uploadLimit', '500K', 512_000],
  ['downloadLimit', '1.5M', 1_572_864],
  ['downloadLimit', '2MiB/s', 2_097_152],
  ['downloadLimit', '1g', 1_073_741_824],
  ['tracker', 'localhost:8000', 'http://localhost:8000'],
  ['tracker', 'https://shoal.example/', 'https://shoal.example'],
  ['host', '::1', '::1'],
  ['host', '0.0.0.0', '0.0.0.0'],
  ['advertise', 'builds.example', { host: 'builds.example' }],
  ['advertise', 'builds.example:7000', { host: 'builds.example', port: 7000 }],
  ['advertise', '2001:db8::1', { host: '2001:db8::1' }],
  ['advertise', '[2001:db8::1]', { host: '2001:db8::1' }],
  ['advertise', '[2001:db8::1]:7000', { host: '2001:db8::1', port: 7000 }],
  ['logLevel', 'debug', 'debug'],
  ['logFormat', 'text', 'text'],
  ['mirror', ['*', 'builds-*'], ['*', 'builds-*']],
  ['name', 'web-7', 'web-7'],
  ['name', 'ä'.repeat(64), 'ä'.repeat(64)],
  ['pageOrigin', ['https://shoal.example', 'HTTP://Host:80/'], ['https://shoal.example', 'http://host']],
])('reads %s "%s"', (key, text, value) => {
  expect(readSetting(key, text, key)).toEqual(value);
});

test.each<[SettingKey, string | readonly string[]]>([
  ...['65536', '-1', '8000x', '', '1e3', '0x10'].map((text): [SettingKey, string] => ['port', text]),
  ...['', 'fast', '-1M', '1T', '1023', '0'].map((text): [SettingKey, string] => ['uploadLimit', text]),
  ...['ftp://x', 'not a tracker', ''].map((text): [SettingKey, string] => ['tracker', text]),
  ...['', 'a b', 'a/b', 'a:1', '[::1]'].map((text): [SettingKey, string] => ['host', text]),
  ...['', ':7000', 'a:0', 'a:70000', 'a:b:c', '[builds]:7000', '[]'].map((text): [SettingKey, string] => [
    'advertise',
    text,
  ]),
  ['logLevel', 'loud'],
  ['logFormat', 'xml'],
  ['downloads', ''],
  ['share', ['/a', '']],
  ['mirror', ['']],
  ...['', ' ', 'a'.repeat(65), 'a\u001b[2J', 'a\nb', 'a\u202eb'].map((text): [SettingKey, string] => ['name', text]),
  ...['', '*', 'null', 'shoal.example', 'https://x/page', 'https://a@x', 'file:///x', 'ws://x'].map(
    (text): [SettingKey, string[]] => ['pageOrigin', [text]],
  ),
])('refuses %s "%s"', (key, text) => {
  expect(() => readSetting(key, text, key)).toThrow(expect.objectContaining({ code: 'bad-config' }));
});

test('names what was set as it was written, what was given, and what is allowed', () => {
  expect(() => readSetting('port', '99999', '--port')).toThrow(
    'reading --port: "99999" must be a number from 0 to 65535',
  );
  expect(() => readSetting('logLevel', 'loud', 'SHOAL_LOG_LEVEL')).toThrow(
    'reading SHOAL_LOG_LEVEL: "loud" must be one of debug, info, warn, error',
  );
});

test('names the entry of a list that is wrong', () => {
  expect(() => readSetting('mirror', ['good', 'x'.repeat(256)], '--mirror')).toThrow(/--mirror: "xxx/);
});

test('takes a hundred entries of a list and not one more', () => {
  const names = Array.from({ length: 100 }, (_, index) => `name-${String(index)}`);
  expect(readSetting('mirror', names, 'mirror')).toHaveLength(100);
  expect(() => readSetting('mirror', [...names, 'more'], 'mirror')).toThrow('must be at most 100 entries');
});
