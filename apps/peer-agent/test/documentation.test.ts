import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { EXIT } from '../src/commands/command.ts';
import { COMMANDS } from '../src/commands/table.ts';
import { agentSettings } from '../src/settings/agent-settings.ts';
import { readSettings } from '../src/settings/effective-settings.ts';
import { SETTING_KEYS, SETTINGS } from '../src/settings/settings-table.ts';

const page = readFileSync(new URL('../../../docs/commands.md', import.meta.url), 'utf8');
const readme = readFileSync(new URL('../../../README.md', import.meta.url), 'utf8');

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

test('the manual’s table of settings lists every key, flag and variable, and no other', () => {
  const rows = page.split('\n').filter((line) => /^\|.*\| `SHOAL_\w+` +\|/.test(line));
  const cells = rows.map((row) =>
    row
      .split('|')
      .slice(1, 4)
      .map((cell) => cell.trim().replaceAll('`', '')),
  );
  expect(cells).toEqual(
    SETTING_KEYS.map((key) => {
      const { isInFile, flag = '', variable } = SETTINGS[key];
      return [isInFile ? key : '', flag, variable];
    }),
  );
});

test('the settings files that are shown can be read', () => {
  const folder = mkdtempSync(join(tmpdir(), 'shoal-'));
  const shown = [...(page + readme).matchAll(/^```(yaml|json)\n([^]*?)^```/gm)];
  expect(shown.map(([, language]) => language)).toEqual(['yaml', 'json', 'yaml']);
  for (const [, language = '', text = ''] of shown) {
    const config = join(folder, `config.${language}`);
    writeFileSync(config, text);
    const { tracker, peer } = agentSettings(readSettings({ flags: { config }, env: { SHOAL_HOME: folder }, folder }));
    expect([tracker, peer.port]).toEqual(['https://shoal.example.org', 7400]);
  }
  rmSync(folder, { recursive: true });
});
