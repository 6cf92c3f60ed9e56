/**
 * Keeps two processes from writing the same download. Each leaves a claim beside it, a file that is named for the process
 * by what no later process can have again: process id, time of its start and boot of the machine. Then it looks for others.
 * A claim whose process is gone counts for nothing, so a killed agent does not lock its downloads. Because everybody
 * claims before looking, two can at worst refuse each other, never both go on; no lock file has to be taken over.
 * It holds between processes that see each other: one machine, one container.
 */
import { readFileSync } from 'node:fs';
import { open, readdir, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ShoalError } from '@shoal/protocol';
import { codeOf, storageError } from './file-errors.ts';

const CLAIM = /^\.(\d+)-(\d+)-([0-9a-f]*)\.lock$/;

/**
 * Claims a path for this process.
 * @returns gives the claim up
 * @throws ShoalError `download-locked`, `storage-failed`, `disk-full`
 */
export async function claimDownload(path: string): Promise<() => Promise<void>> {
  const own = `${path}${claimOf(process.pid)}`;
  let isHeld = true;
  const release = async (): Promise<void> => {
    // Once only: later the same name may be another claim of this process.
    if (isHeld) await rm(own, { force: true });
    isHeld = false;
  };
  try {
    const file = await open(own, 'wx');
    await file.close();
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') throw locked(path, process.pid);
    throw storageError(`claiming ${path}`, cause);
  }
  try {
    await refuseOthers(path, basename(own));
    return release;
  } catch (error) {
    await release();
    throw error;
  }
}

async function refuseOthers(path: string, own: string): Promise<void> {
  const name = basename(path);
  for (const entry of await readdir(dirname(path))) {
    if (!entry.startsWith(name) || entry === own) continue;
    const claim = entry.slice(name.length);
    const pid = Number(CLAIM.exec(claim)?.[1]);
    if (Number.isNaN(pid)) continue;
    if (isRunning(pid) && claimOf(pid) === claim) throw locked(path, pid);
    await rm(join(dirname(path), entry), { force: true });
  }
}

function locked(path: string, pid: number): ShoalError {
  return new ShoalError('download-locked', `process ${pid} is downloading to ${path}`);
}

/** The ending of a process's claim, '' for one that has ended. Where /proc does not tell its start, its id has to do. */
function claimOf(pid: number): string {
  // What follows the program's name in parentheses: first the state, as the 20th the start in clock ticks since the boot.
  const fields = readOrEmpty(`/proc/${pid}/stat`).split(') ').at(-1)?.split(' ') ?? [];
  const boot = readOrEmpty('/proc/sys/kernel/random/boot_id').slice(0, 8);
  return fields[0] === 'Z' ? '' : `.${pid}-${fields[19] ?? '0'}-${boot}.lock`;
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) === 'EPERM';
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
