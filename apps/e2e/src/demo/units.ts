const MiB = 1024 * 1024;

/** Bytes as MiB, in a column ten wide. */
export function drawMebibytes(bytes: number): string {
  return `${(bytes / MiB).toFixed(1)} MiB`.padStart(10);
}

/** A bar of twenty cells. */
export function drawBar(ratio: number): string {
  const full = Math.round(Math.min(1, Math.max(0, ratio)) * 20);
  return '█'.repeat(full) + '░'.repeat(20 - full);
}
