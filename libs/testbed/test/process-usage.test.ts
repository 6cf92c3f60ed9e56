import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { peakResidentBytes, usageOf } from '../src/process-usage.ts';

describe('what a process has used', () => {
  it.runIf(process.platform === 'linux')('is told while it runs', () => {
    const own = process.memoryUsage().rss;
    const usage = usageOf(process.pid);
    expect(usage?.cpuMilliseconds).toBeGreaterThan(0);
    expect(usage?.residentBytes).toBeGreaterThan(own / 2);
    expect(usage?.residentBytes).toBeLessThan(own * 2);
    expect(usage?.anonymousBytes).toBeLessThan(usage?.residentBytes ?? 0);
    expect(peakResidentBytes(process.pid)).toBeGreaterThanOrEqual(usage?.residentBytes ?? Infinity);
  });

  it('is not told once it has ended', () => {
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    expect([usageOf(pid), peakResidentBytes(pid)]).toEqual([undefined, undefined]);
  });
});
