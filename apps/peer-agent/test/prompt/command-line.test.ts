import { homedir } from 'node:os';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { quoteWord, splitLine, splitUnfinished } from '../../src/prompt/command-line.ts';

test.each([
  ['share a.txt localhost:8000', ['share', 'a.txt', 'localhost:8000']],
  ['  share   a.txt ', ['share', 'a.txt']],
  ['share "my file.txt"', ['share', 'my file.txt']],
  ["share 'my file.txt'", ['share', 'my file.txt']],
  ['share my\\ file.txt', ['share', 'my file.txt']],
  ['share my" "file', ['share', 'my file']],
  ['share "say \\"hi\\""', ['share', 'say "hi"']],
  ['share C:\\data\\file', ['share', 'C:\\data\\file']],
  ['share ""', ['share', '']],
  ['', []],
])('cuts %j', (line, words) => {
  expect(splitLine(line)).toEqual(words);
});

test('puts the home folder for a tilde that stands alone or before a slash', () => {
  expect(splitLine('a ~/b ~ ~c d~/e "~/f"')).toEqual(['a', `${homedir()}/b`, homedir(), '~c', 'd~/e', '~/f']);
});

test('refuses a quote that is not closed', () => {
  expect(() => splitLine('share "my file')).toThrow(expect.objectContaining({ code: 'bad-argument' }));
});

test('reads back every word that it quotes', () => {
  const word = fc.string({ unit: 'binary' }).filter((text) => !text.startsWith('~'));
  fc.assert(
    fc.property(fc.array(word), (words) => {
      expect(splitLine(words.map(quoteWord).join(' '))).toEqual(words);
    }),
  );
});

test('says where the word under the cursor begins', () => {
  expect(splitUnfinished('share "my fi').words.at(-1)).toEqual({ text: 'my fi', start: 6 });
  expect(splitUnfinished('share ').words.at(-1)).toEqual({ text: '', start: 6 });
});
