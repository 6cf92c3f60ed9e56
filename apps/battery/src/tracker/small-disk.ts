import { execFileSync } from 'node:child_process';
import { rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const BALLAST = 'ballast';

/** A disk of a few megabytes in memory, mounted on a folder. Needs Linux and root. */
export class SmallDisk {
  readonly #folder: string;
  readonly #unmountAtExit = (): void => {
    this.#mount(['--lazy'], 'umount');
  };

  private constructor(folder: string) {
    this.#folder = folder;
    process.once('exit', this.#unmountAtExit);
  }

  /** @returns why there can be none on this machine, or the disk */
  static mount(folder: string, mebibytes: number): SmallDisk | string {
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mebibytes}m`, 'shoal-small-disk', folder], { stdio: 'pipe' });
      return new SmallDisk(folder);
    } catch {
      return 'needs root and Linux, to mount a small disk';
    }
  }

  /** Nothing can be written any more, or everything again; no file may be open to be written. */
  setAccess(access: 'ro' | 'rw'): void {
    this.#mount(['-o', `remount,${access}`]);
  }

  /** Takes up room. */
  async load(bytes: number): Promise<void> {
    await writeFile(join(this.#folder, BALLAST), Buffer.alloc(bytes));
  }

  /** Takes up all the room there is. */
  async fill(): Promise<void> {
    const file = join(this.#folder, BALLAST);
    for (let bytes = 64 * 1024 * 1024; bytes >= 4096; bytes /= 2) {
      await writeFile(file, Buffer.alloc(bytes), { flag: 'a' }).catch(() => undefined);
    }
  }

  /** Gives room free again. */
  async unload(): Promise<void> {
    const file = join(this.#folder, BALLAST);
    await truncate(file);
    await rm(file);
  }

  unmount(): void {
    process.off('exit', this.#unmountAtExit);
    this.#mount([], 'umount');
  }

  #mount(options: readonly string[], program = 'mount'): void {
    execFileSync(program, [...options, this.#folder], { stdio: 'pipe' });
  }
}
