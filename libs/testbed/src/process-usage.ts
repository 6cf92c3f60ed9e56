import { readFileSync, writeFileSync } from 'node:fs';

/** What a process has used so far, as the kernel counted it. */
export interface ProcessUsage {
  /** User and system time of all its threads; the kernel counts in steps of 10 ms. */
  readonly cpuMilliseconds: number;
  /** The largest resident memory, pages of mapped files included. */
  readonly peakResidentBytes: number;
  /** Resident memory at this moment, pages of mapped files included. */
  readonly residentBytes: number;
  /** Resident memory of its own at this moment: what is no page of a file. */
  readonly anonymousBytes: number;
}

/** Linux tells times in this unit to every program, whatever its own clock is (`sysconf(_SC_CLK_TCK)`). */
const TICK_MS = 10;
/** Where user and system time stand in `/proc/PID/stat`, counted from behind the name. */
const [USER_TIME, SYSTEM_TIME] = [11, 12];

/** @returns undefined where the kernel does not tell (anything but Linux) or the process has ended */
export function usageOf(pid: number): ProcessUsage | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    const [, times = ''] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(/\) (?=[^)]*$)/);
    const ticks = times.split(' ').map(Number);
    return {
      cpuMilliseconds: TICK_MS * ((ticks[USER_TIME] ?? NaN) + (ticks[SYSTEM_TIME] ?? NaN)),
      peakResidentBytes: bytesIn(status, 'VmHWM'),
      residentBytes: bytesIn(status, 'VmRSS'),
      anonymousBytes: bytesIn(status, 'RssAnon'),
    };
  } catch {
    return undefined;
  }
}

/** The largest resident memory that a running process has had, in bytes; undefined as in `usageOf`. */
export function peakResidentBytes(pid: number): number | undefined {
  return usageOf(pid)?.peakResidentBytes;
}

/** Lets the largest resident memory be counted anew from what it is now, where the kernel can. */
export function resetPeak(pid: number): void {
  try {
    writeFileSync(`/proc/${pid}/clear_refs`, '5');
  } catch {
    // The peak then stays that of its whole life, which is never less.
  }
}

function bytesIn(status: string, key: string): number {
  return 1024 * Number(new RegExp(`^${key}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]);
}
