import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { EXIT } from '../src/commands/command.ts';
import { COMMANDS } from '../src/commands/table.ts';

const page = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');

test.each(COMMANDS)(
  'the manual explains $name, its arguments and its options',
  ({ name, arguments: args, options }) => {
    const usage = [name, ...args.map((argument) => argument.usage)].join(' ');
    const headings = page.split('\n').filter((line) => line.startsWith('### '));
    expect(headings.some((heading) => heading.includes(`\`${usage}\``))).toBe(true);
    for (const { flags } of options) expect(page).toContain(/--[a-z-]+/.exec(flags)?.[0]);
  },
);

test('the manual explains every exit code', () => {
  for (const code of Object.values(EXIT)) expect(page).toMatch(new RegExp(`^\\| ${String(code)} +\\|`, 'm'));
});
