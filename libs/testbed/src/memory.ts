import { readFileSync } from 'node:fs';

/**
 * The largest resident memory that a running process has had, in bytes, as the kernel counted it.
 * @returns undefined where the kernel does not tell (anything but Linux) or the process has ended
 */
export function peakResidentBytes(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined;
  }
}
