import { describe, expect, it } from 'vitest';
import { LastWordsBook } from '../../../src/core/fleet/last-words.ts';
import { peerId } from '../desk-world.ts';

const words = (message: string) => ({ code: 'disk-full', message, hint: '' });

describe('last words', () => {
  it('of one machine are twenty at most, the newest first', () => {
    const book = new LastWordsBook();
    for (let n = 0; n < 21; n++) book.note(peerId(1), words(String(n)), `at ${String(n)}`);
    const said = book.of(peerId(1));
    expect(said).toHaveLength(20);
    expect([said[0], said.at(-1)]).toEqual([
      { code: 'disk-full', message: '20', at: 'at 20' },
      { code: 'disk-full', message: '1', at: 'at 1' },
    ]);
  });

  it('of all machines are a thousand at most', () => {
    const book = new LastWordsBook();
    for (let n = 0; n <= 1_000; n++) book.note(peerId(n), words('x'), '');
    expect(book.of(peerId(0))).toEqual([]);
    expect(book.of(peerId(1))).toHaveLength(1);
  });

  it('that are said again are kept once, as of then', () => {
    const book = new LastWordsBook();
    book.note(peerId(1), words('x'), 'early');
    book.note(peerId(2), words('x'), 'early');
    book.note(peerId(1), words('x'), 'late');
    expect(book.of(peerId(1))).toEqual([{ code: 'disk-full', message: 'x', at: 'late' }]);
    expect(book.of(peerId(2))).toHaveLength(1);
  });
});
