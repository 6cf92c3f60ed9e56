import { execFile } from 'node:child_process';
import { accessSync, constants, existsSync, readFileSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';

/** Packages that are compared, and the programs that drive them; filled by `npm --prefix apps/bench/rivals install`. */
export const RIVALS_FOLDER = resolve(import.meta.dirname, '../../rivals');

/** Rivals run it when a download is complete: it writes the time of day into the file that `STAMP` names. */
export const STAMP_PROGRAM = join(RIVALS_FOLDER, 'stamp.sh');

/** A rival that npm installs. */
export interface NpmRival {
  readonly name: string;
  /** Folder of the package. */
  readonly folder: string;
  readonly version: string;
}

/** A package in `apps/bench/rivals/node_modules`, or undefined when it is not installed. */
export function npmRival(name: string, root = RIVALS_FOLDER): NpmRival | undefined {
  const folder = join(root, 'node_modules', name);
  if (!existsSync(join(folder, 'package.json'))) return undefined;
  const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { readonly version: string };
  return { name, folder, version };
}

/** Where a program of the system lies, or undefined when it is not installed. */
export function systemProgram(name: string, path = process.env.PATH ?? ''): string | undefined {
  return path
    .split(delimiter)
    .map((folder) => join(folder, name))
    .find(isExecutable);
}

/**
 * What a program says of its version.
 * @param pattern its first group is the version
 * @returns undefined when it cannot be started or says nothing of the kind
 */
export function versionSaid(file: string, args: readonly string[], pattern: RegExp): Promise<string | undefined> {
  return new Promise((settle) => {
    // Some say it on stderr, and some fail after they have said it.
    execFile(file, args, { timeout: 10_000 }, (_, stdout, stderr) => {
      settle(pattern.exec(`${stdout}\n${stderr}`)?.[1]);
    });
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
