/** The rules of docs/architecture.md that can be read off files and imports. Each returns what breaks it, in words. */
import { basename, posix } from 'node:path';
import type { Import, Project, SourceFile, SourceTree } from './source-tree.ts';

/** Who may import whom; what is not listed is refused. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  '@shoal/protocol': [],
  '@shoal/engine': ['@shoal/protocol'],
  '@shoal/client': ['@shoal/protocol'],
  '@shoal/tracker': ['@shoal/protocol'],
  // A browser has no use for what needs Node.
  '@shoal/dashboard': ['@shoal/client/fleet', '@shoal/protocol'],
  '@shoal/peer-agent': [
    '@shoal/engine',
    '@shoal/engine/node',
    '@shoal/engine/testing',
    '@shoal/client',
    '@shoal/protocol',
  ],
  '@shoal/testbed': ['@shoal/client', '@shoal/protocol'],
  '@shoal/e2e': [
    '@shoal/testbed',
    '@shoal/testbed/chromium',
    '@shoal/engine/testing',
    '@shoal/client',
    '@shoal/protocol',
  ],
  // What is measured is the built program; the hundreds that it is linked to may be engines in one process.
  '@shoal/bench': [
    '@shoal/testbed',
    '@shoal/testbed/chromium',
    '@shoal/engine',
    '@shoal/engine/node',
    '@shoal/engine/testing',
    '@shoal/client',
    '@shoal/protocol',
  ],
  // It attacks the built programs, and plays the attackers with parts of the engine.
  '@shoal/battery': [
    '@shoal/testbed',
    '@shoal/engine',
    '@shoal/engine/node',
    '@shoal/engine/testing',
    '@shoal/client',
    '@shoal/protocol',
  ],
  '@shoal/swarm': [
    '@shoal/testbed',
    '@shoal/engine',
    '@shoal/engine/node',
    '@shoal/engine/testing',
    '@shoal/client',
    '@shoal/protocol',
  ],
};
const MAX_LINES = 300;
const VAGUE_NAME = /^(utils?|common|shared|helpers?|types?|managers?|services?)$/;
const VAGUE_SUFFIX = /[-.](utils?|helpers?|types|manager|service)$/;
const TIME_OR_CHANCE =
  /\b(setTimeout|setInterval|setImmediate|queueMicrotask|Date\.now|new Date|Math\.random|performance|process|Buffer)\b/;

/** A rule: all of its violations, one line each. */
export type Rule = (tree: SourceTree) => string[];

/** Every rule under its name, which reads as a claim about the repository. */
export const ARCHITECTURE_RULES: Readonly<Record<string, Rule>> = {
  'a project imports only those that the arrows allow': forbiddenArrows,
  'a project carries the tag that the lint rules know it by': missingTags,
  'an imported sibling is listed in package.json': undeclaredSiblings,
  'a project is reached only by its package name': trespasses,
  'protocol and the inner layers of the engine import nothing of Node': nodeInPureCode,
  'the core of the engine knows no time and no chance': timeInCore,
  'the inner layers of the engine do not know the outer ones': inwardOnly,
  'a file is named for a concept': vagueNames,
  'there is one index.ts per entry point, with named exports': barrels,
  'no file is longer than 300 lines': longFiles,
  'no files import each other in a circle': cycles,
};

function forbiddenArrows(tree: SourceTree): string[] {
  return eachSiblingImport(tree, ({ file, project, specifier }) =>
    isAllowed(project.name, specifier) ? undefined : `${file.path} imports ${specifier}`,
  );
}

function isAllowed(project: string, specifier: string): boolean {
  return ARROWS[project]?.includes(specifier) ?? false;
}

function missingTags({ projects }: SourceTree): string[] {
  return projects
    .filter(({ name, tags }) => !tags.includes(name.replace('@shoal/', 'scope:')))
    .map(({ name }) => `${name} has no tag of its own`);
}

function undeclaredSiblings(tree: SourceTree): string[] {
  return eachSiblingImport(tree, ({ file, project, specifier }) =>
    project.siblings.includes(packageOf(specifier))
      ? undefined
      : `${file.path} imports ${specifier}, which is not listed`,
  );
}

function trespasses({ projects, files }: SourceTree): string[] {
  return eachImport(files, (file, { specifier }) => {
    if (!specifier.startsWith('.')) return undefined;
    const target = posix.join(posix.dirname(file.path), specifier);
    const home = projectOf(projects, file.path);
    return home === projectOf(projects, target) ? undefined : `${file.path} reaches out to ${specifier}`;
  });
}

function nodeInPureCode({ files }: SourceTree): string[] {
  const pure = files.filter(({ path }) => /^libs\/(protocol\/src|engine\/src\/(core|shell))\//.test(path));
  return eachImport(pure, (file, { specifier, isOfNode }) =>
    isOfNode || specifier.startsWith('node:') ? `${file.path} imports ${specifier}` : undefined,
  );
}

function timeInCore({ files }: SourceTree): string[] {
  return files
    .filter(({ path }) => path.startsWith('libs/engine/src/core/'))
    .flatMap(({ path, text }) => {
      const found = TIME_OR_CHANCE.exec(withoutComments(text));
      return found ? [`${path} uses ${found[0]}`] : [];
    });
}

function inwardOnly({ files }: SourceTree): string[] {
  const rank = (path: string): number => {
    const layer = /^libs\/engine\/src\/(core|shell|node|testing)\//.exec(path)?.[1];
    return layer === undefined ? -1 : ({ core: 0, shell: 1, node: 2, testing: 2 }[layer] ?? -1);
  };
  const layered = files.filter(({ path }) => rank(path) >= 0);
  return eachImport(layered, (file, { specifier, target }) =>
    rank(target) > rank(file.path) ? `${file.path} imports ${specifier}` : undefined,
  );
}

function vagueNames({ files }: SourceTree): string[] {
  return files.flatMap(({ path }) => {
    const names = path.split('/').map((name) => name.replace(/(\.(test|contract|config))?\.\w+$/, ''));
    return names.some((name) => VAGUE_NAME.test(name) || VAGUE_SUFFIX.test(name)) ? [`${path} says nothing`] : [];
  });
}

function barrels({ projects, files }: SourceTree): string[] {
  const entryPoints = new Set(projects.flatMap((project) => project.entryPoints));
  return files.flatMap(({ path, text }) => {
    const found: string[] = [];
    if (basename(path) === 'index.ts' && !entryPoints.has(path)) found.push(`${path} is not an entry point`);
    if (/^\s*export\s*\*/m.test(text)) found.push(`${path} exports *`);
    return found;
  });
}

function longFiles({ files }: SourceTree): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.replace(/\n$/, '').split('\n').length;
    return lines > MAX_LINES ? [`${path} has ${lines} lines`] : [];
  });
}

function cycles({ files }: SourceTree): string[] {
  return eachImport(files, (file, { cycle }) => (cycle.length > 0 ? `${file.path} → ${cycle.join(' → ')}` : undefined));
}

function eachImport(
  files: readonly SourceFile[],
  judge: (file: SourceFile, found: Import) => string | undefined,
): string[] {
  return files.flatMap((file) => file.imports.flatMap((found) => judge(file, found) ?? []));
}

interface SiblingImport {
  readonly file: SourceFile;
  readonly project: Project;
  readonly specifier: string;
}

function eachSiblingImport(tree: SourceTree, judge: (found: SiblingImport) => string | undefined): string[] {
  return eachImport(tree.files, (file, { specifier }) => {
    const project = projectOf(tree.projects, file.path);
    if (!project || !specifier.startsWith('@shoal/') || packageOf(specifier) === project.name) return undefined;
    return judge({ file, project, specifier });
  });
}

function projectOf(projects: readonly Project[], path: string): Project | undefined {
  return projects.find(({ folder }) => path.startsWith(`${folder}/`));
}

function packageOf(specifier: string): string {
  return specifier.split('/').slice(0, 2).join('/');
}

function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
}
