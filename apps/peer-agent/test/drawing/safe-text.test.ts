import { expect, test } from 'vitest';
import { safeJson, safeText } from '../../src/drawing/safe-text.ts';

test('takes terminal control sequences out', () => {
  expect(safeText('a\u001b[2Jb\u001b]0;title\u0007c')).toBe('abc');
});

test('keeps a name on its line', () => {
  expect(safeText('a\r\nb\tc')).toBe('a��b�c');
});

test('leaves nothing that moves the cursor, in eight bits or seven', () => {
  // eslint-disable-next-line no-control-regex -- control characters are what is looked for
  expect(safeText('\u009b2J\u0090x\u009c\u001b\u0008')).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
});

test('does not let a name turn the direction of reading', () => {
  expect(safeText('gpj\u202eexe')).toBe('gpj�exe');
});

test('keeps names in every script', () => {
  expect(safeText('фото 写真 📷 é')).toBe('фото 写真 📷 é');
});

test('escapes what JSON lets through, without changing the value', () => {
  const value = { name: 'a\u009b2J\u001b[2J\u202e' };
  const text = safeJson(value);
  expect(JSON.parse(text)).toEqual(value);
  for (const unsafe of ['\u001b', '\u009b', '\u202e']) expect(text).not.toContain(unsafe);
});
