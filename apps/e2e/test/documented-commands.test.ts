import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandsIn, type DocumentedCommand } from '../src/documented-commands.ts';
import { useScene } from '../src/scene.ts';

const scene = useScene();
const repository = resolve(import.meta.dirname, '../../..');
/** What npm itself knows of all that a reader may be told. */
const OF_NPM = ['ci', 'install', 'help'];

describe.each(['README.md', 'CONTRIBUTING.md', 'docs/commands.md', 'docs/install.md'])('%s', (document) => {
  it('names only commands that exist', async () => {
    const commands = commandsIn(await readFile(join(repository, document), 'utf8'));
    expect(commands.length).toBeGreaterThan(0);
    const exist = await existingCommands();
    const missing = commands.filter(({ program, name }) => !exist[program].includes(name));
    expect(missing).toEqual([]);
  });
});

async function existingCommands(): Promise<Record<DocumentedCommand['program'], readonly string[]>> {
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as { scripts: object };
  const scripts = Object.keys(manifest.scripts);
  const help = await (await scene.machine('reader')).run('help');
  const commands = [...help.stdout.matchAll(/^ {2}(?:shoal )?([a-z]+)\b/gm)].map(([, name = '']) => name);
  return {
    'npm run': scripts,
    npm: [...OF_NPM, ...scripts.filter((name) => name === 'test' || name === 'start')],
    shoal: commands,
  };
}

describe('commands in a document', () => {
  it('are found in fences and code spans', () => {
    const markdown = [
      'Run `npm ci && npm run demo`, then `shoal share photos localhost:8000`.',
      '```console',
      '$ npm test',
      'shoal> download photos.torrent',
      '$ npx shoal --quiet',
      '```',
    ].join('\n');
    expect(commandsIn(markdown)).toEqual([
      { program: 'npm run', name: 'demo' },
      { program: 'npm', name: 'test' },
      { program: 'npm', name: 'ci' },
      { program: 'shoal', name: 'download' },
      { program: 'shoal', name: 'share' },
    ]);
  });

  it('are not found in prose, pictures, links and paths', () => {
    const markdown = [
      'The program shoal moves files; npm run nothing is prose. See `shoal:<hash>` and `apps/shoal main`.',
      '```mermaid',
      'a --> shoal nothing',
      '```',
    ].join('\n');
    expect(commandsIn(markdown)).toEqual([]);
  });
});
