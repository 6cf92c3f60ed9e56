import { existsSync } from 'node:fs';
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Defence } from './defence.ts';

/** What tests and sources need of the repository. */
const COPIED = ['libs', 'apps', 'docs', 'package.json', 'vitest.config.mjs', 'tsconfig.base.json', 'README.md'];
/** What is made from the sources, or kept beside them. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'reports', '.nx']);
/** Our own packages: they lead into the copy, all others to where they are installed. */
const OWN_SCOPE = '@shoal';

/** A copy of the repository whose sources may be changed: its tests see the copy's packages, and never the original's. */
export class WorkspaceCopy {
  /** Its top, absolute. */
  readonly root: string;

  private constructor(root: string) {
    this.root = root;
  }

  /** @param original the top of the repository */
  static async create(original: string): Promise<WorkspaceCopy> {
    const root = await mkdtemp(join(tmpdir(), 'shoal-copy-'));
    const filter = (path: string): boolean => !LEFT_OUT.has(basename(path));
    for (const name of COPIED) await cp(join(original, name), join(root, name), { recursive: true, filter });
    await linkPackages(join(original, 'node_modules'), join(root, 'node_modules'));
    await linkOwnPackages(original, root);
    return new WorkspaceCopy(root);
  }

  /** Runs something while a defence is switched off, and switches it on again. */
  async without<T>({ file, original, switchedOff }: Defence, run: () => Promise<T>): Promise<T> {
    const path = join(this.root, file);
    const source = await readFile(path, 'utf8');
    await writeFile(path, source.split(original).join(switchedOff));
    try {
      return await run();
    } finally {
      await writeFile(path, source);
    }
  }

  remove(): Promise<void> {
    return rm(this.root, { recursive: true, force: true });
  }
}

async function linkPackages(installed: string, copied: string): Promise<void> {
  await mkdir(copied);
  for (const name of await readdir(installed)) {
    // Caches and locks are each copy's own.
    if (name.startsWith('.') && name !== '.bin') continue;
    if (name === OWN_SCOPE) await cp(join(installed, name), join(copied, name), VERBATIM);
    else await symlink(join(installed, name), join(copied, name));
  }
}

/** What a project has installed for itself alone. */
async function linkOwnPackages(original: string, root: string): Promise<void> {
  for (const group of ['apps', 'libs']) {
    for (const project of await readdir(join(root, group))) {
      const own = join(group, project, 'node_modules');
      if (existsSync(join(original, own))) await linkPackages(join(original, own), join(root, own));
    }
  }
}

/** The links are relative: in the copy they lead to the copy. */
const VERBATIM = { recursive: true, verbatimSymlinks: true };
