import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { cruise, type ICruiseResult, type IModule } from 'dependency-cruiser';

/** One workspace of the repository, as its package.json tells. */
export interface Project {
  /** `@shoal/engine` */
  readonly name: string;
  /** `libs/engine` */
  readonly folder: string;
  readonly tags: readonly string[];
  /** The siblings that its package.json lists. */
  readonly siblings: readonly string[];
  /** Files that its `exports` name, relative to the repository. */
  readonly entryPoints: readonly string[];
}

/** One import statement, or re-export, of any kind. */
export interface Import {
  /** As written: `../shell/ports.ts`, `node:fs`, `@shoal/engine/testing`. */
  readonly specifier: string;
  /** The file of the repository that it leads to; for a package or a module of Node, its name. */
  readonly target: string;
  readonly isOfNode: boolean;
  /** The files of the circle that the import closes; empty when it closes none. */
  readonly cycle: readonly string[];
}

/** One file of code; its path is relative to the repository. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
  readonly imports: readonly Import[];
}

/** Everything that the rules of docs/architecture.md speak of. */
export interface SourceTree {
  readonly projects: readonly Project[];
  readonly files: readonly SourceFile[];
}

interface Manifest {
  readonly name: string;
  readonly exports?: Record<string, string>;
  readonly dependencies?: Record<string, string>;
  readonly devDependencies?: Record<string, string>;
  readonly nx?: { readonly tags?: readonly string[] };
}

/** Reads projects, files and imports of a repository laid out as `libs/*` and `apps/*`. */
export async function readSourceTree(root: string): Promise<SourceTree> {
  const homes = ['libs', 'apps'].filter((home) => existsSync(join(root, home)));
  const { output } = await cruise(homes, {
    baseDir: root,
    exclude: { path: '(^|/)(node_modules|dist|reports|generated)/' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.mjs', '.js'],
    },
  });
  const modules = (output as ICruiseResult).modules.filter((module) => isCode(module, homes));
  return { projects: homes.flatMap((home) => readProjects(root, home)), files: modules.map((m) => toFile(root, m)) };
}

function isCode(module: IModule, homes: readonly string[]): boolean {
  return homes.some((home) => module.source.startsWith(`${home}/`)) && /\.(ts|tsx|mjs|js)$/.test(module.source);
}

function toFile(root: string, { source, dependencies }: IModule): SourceFile {
  const imports = dependencies.map((dependency) => ({
    specifier: dependency.module,
    target: dependency.resolved,
    isOfNode: dependency.coreModule,
    cycle: dependency.circular ? (dependency.cycle ?? []).map((step) => step.name) : [],
  }));
  return { path: source, text: readFileSync(join(root, source), 'utf8'), imports };
}

function readProjects(root: string, home: string): Project[] {
  const folders = readdirSync(join(root, home)).map((name) => `${home}/${name}`);
  return folders.filter((folder) => existsSync(join(root, folder, 'package.json'))).map((f) => readProject(root, f));
}

function readProject(root: string, folder: string): Project {
  const manifest = JSON.parse(readFileSync(join(root, folder, 'package.json'), 'utf8')) as Manifest;
  const dependencies = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies });
  return {
    name: manifest.name,
    folder,
    tags: manifest.nx?.tags ?? [],
    siblings: dependencies.filter((name) => name.startsWith('@shoal/')),
    entryPoints: Object.values(manifest.exports ?? {}).map((file) => join(folder, file)),
  };
}
