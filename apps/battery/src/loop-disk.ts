import { execFile } from 'node:child_process';
import { mkdir, open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import { promisify } from 'node:util';
import { eventually } from '@shoal/testbed';

const run = promisify(execFile);

/** A file system of its own, ext4 in a file: it can be full, and lose its power. Whoever makes one unmounts it. */
export class LoopDisk {
  /** Where it is mounted. */
  readonly folder: string;
  readonly #image: string;
  readonly #device: string;

  private constructor(folder: string, { image, device }: { image: string; device: string }) {
    this.folder = folder;
    this.#image = image;
    this.#device = device;
  }

  /** Why this machine can make none, if it cannot. */
  static async whyNot(): Promise<string | undefined> {
    if (process.platform !== 'linux') return 'not Linux';
    if (process.getuid?.() !== 0) return 'not root';
    const hasLoops = await stat('/dev/loop-control').then(
      () => true,
      () => false,
    );
    return hasLoops ? undefined : 'no loop devices';
  }

  /** Makes an empty one. */
  static async create(folder: string, bytes: number): Promise<LoopDisk> {
    const image = `${folder}.image`;
    const file = await open(image, 'wx');
    await file.truncate(bytes);
    await file.close();
    // Nothing is left to be written later, and nothing kept for root.
    await run('mkfs.ext4', ['-q', '-m', '0', '-E', 'lazy_itable_init=0,lazy_journal_init=0', image]);
    return LoopDisk.#mount(folder, image);
  }

  /** Unmounts it; the file stays. */
  async remove(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
    await run('losetup', ['--detach', this.#device]).catch(() => undefined);
  }

  /**
   * What the disk holds at one moment, mounted beside it, as a machine finds it whose power was cut then: what the kernel had
   * not written yet is lost. Whoever writes to the disk must have been stopped.
   */
  async afterPowerCut(folder: string): Promise<LoopDisk> {
    const image = `${folder}.image`;
    await eventually('a copy during which nothing was written', async () => {
      const before = await this.#writes();
      await run('cp', ['--sparse=always', this.#image, image]);
      return before === (await this.#writes()) || undefined;
    });
    return LoopDisk.#mount(folder, image);
  }

  /** Counts what was written to the device, and what is under way. */
  async #writes(): Promise<string> {
    const fields = (await readFile(`/sys/block/${basename(this.#device)}/stat`, 'utf8')).trim().split(/\s+/);
    return [fields[4], fields[6], fields[8]].join(' ');
  }

  static async #mount(folder: string, image: string): Promise<LoopDisk> {
    await mkdir(folder, { recursive: true });
    const { stdout } = await run('losetup', ['--find', '--show', image]);
    const device = stdout.trim();
    await run('mount', [device, folder]);
    return new LoopDisk(folder, { image, device });
  }
}
