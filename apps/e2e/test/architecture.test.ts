import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ARCHITECTURE_RULES } from '../src/architecture-rules.ts';
import { readSourceTree, type SourceTree } from '../src/source-tree.ts';

const repository = resolve(import.meta.dirname, '../../..');
const rules = Object.entries(ARCHITECTURE_RULES);

describe('the repository', () => {
  let tree: SourceTree;
  beforeAll(async () => {
    tree = await readSourceTree(repository);
  });

  it('is read with its projects and the imports between them', () => {
    expect(tree.projects.map(({ name }) => name)).toContain('@shoal/engine');
    const specifiers = tree.files.flatMap(({ imports }) => imports.map(({ specifier }) => specifier));
    expect(specifiers).toContain('@shoal/protocol');
  });

  it.each(rules)('%s', (_title, rule) => {
    expect(rule(tree)).toEqual([]);
  });
});

/** For each rule, one small repository that breaks it, and the file or project that is to be named. */
const examples: Record<string, { files: Record<string, string>; culprit: string }> = {
  'a project imports only those that the arrows allow': {
    files: { 'apps/tracker/src/main.ts': `import { x } from '@shoal/engine';` },
    culprit: 'apps/tracker/src/main.ts',
  },
  'a project carries the tag that the lint rules know it by': {
    files: { 'libs/client/package.json': '{ "name": "@shoal/client" }', 'libs/client/src/a.ts': 'export const a = 1;' },
    culprit: '@shoal/client',
  },
  'an imported sibling is listed in package.json': {
    files: {
      'libs/engine/package.json': '{ "name": "@shoal/engine", "dependencies": {} }',
      'libs/engine/src/a.ts': `import type { x } from '@shoal/protocol';`,
    },
    culprit: 'libs/engine/src/a.ts',
  },
  'a project is reached only by its package name': {
    files: {
      'libs/protocol/src/a.ts': 'export const a = 1;',
      'apps/tracker/test/b.ts': `import { a } from '../../../libs/protocol/src/a.ts';`,
    },
    culprit: 'apps/tracker/test/b.ts',
  },
  'protocol and the inner layers of the engine import nothing of Node': {
    files: { 'libs/protocol/src/a.ts': `import { readFileSync } from 'fs';` },
    culprit: 'libs/protocol/src/a.ts',
  },
  'the core of the engine knows no time and no chance': {
    files: { 'libs/engine/src/core/a.ts': '/* Date.now is not used */ export const a = () => Math.random();' },
    culprit: 'libs/engine/src/core/a.ts uses Math.random',
  },
  'the inner layers of the engine do not know the outer ones': {
    files: {
      'libs/engine/src/shell/a.ts': 'export const a = 1;',
      'libs/engine/src/core/b.ts': `import { a } from '../shell/a.ts';`,
    },
    culprit: 'libs/engine/src/core/b.ts',
  },
  'a file is named for a concept': {
    files: {
      'libs/engine/src/shared/a.ts': 'export const a = 1;',
      'libs/engine/src/string-utils.ts': 'export const b = 1;',
    },
    culprit: 'string-utils.ts',
  },
  'there is one index.ts per entry point, with named exports': {
    files: {
      'libs/engine/src/core/index.ts': `export * from './a.ts';`,
      'libs/engine/src/core/a.ts': 'export const a = 1;',
    },
    culprit: 'libs/engine/src/core/index.ts exports *',
  },
  'no file is longer than 300 lines': {
    files: { 'libs/engine/src/a.ts': '\n'.repeat(301) },
    culprit: 'libs/engine/src/a.ts has 301 lines',
  },
  'no files import each other in a circle': {
    files: {
      'libs/engine/src/a.ts': `import { b } from './b.ts'; export const a = b;`,
      'libs/engine/src/b.ts': `import type { a } from './a.ts'; export const b: typeof a = 1;`,
    },
    culprit: 'libs/engine/src/a.ts',
  },
};

describe('a bad example', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'shoal-architecture-'));
  });
  afterAll(() => rm(root, { recursive: true }));

  async function readExample(files: Record<string, string>): Promise<SourceTree> {
    const folder = await mkdtemp(join(root, 'example-'));
    for (const [path, text] of Object.entries({ ...manifestsFor(Object.keys(files)), ...files })) {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    }
    return readSourceTree(folder);
  }

  it.each(rules)('breaks the rule: %s', async (title, rule) => {
    const example = examples[title]!;
    const found = rule(await readExample(example.files));
    expect(found.join('\n')).toContain(example.culprit);
  });

  it('breaks the rule on names with a folder as well as with a file', async () => {
    const rule = ARCHITECTURE_RULES['a file is named for a concept']!;
    expect(rule(await readExample(examples['a file is named for a concept']!.files))).toHaveLength(2);
  });
});

/** A correct package.json for every project that the paths lie in. */
function manifestsFor(paths: readonly string[]): Record<string, string> {
  const folders = new Set(paths.map((path) => path.split('/').slice(0, 2).join('/')));
  return Object.fromEntries(
    [...folders].map((folder) => {
      const name = folder.split('/')[1]!;
      const manifest = {
        name: `@shoal/${name}`,
        dependencies: { '@shoal/protocol': '0.1.0' },
        nx: { tags: [`scope:${name}`] },
      };
      return [`${folder}/package.json`, JSON.stringify(manifest)];
    }),
  );
}
