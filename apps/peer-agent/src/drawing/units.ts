import prettyMilliseconds from 'pretty-ms';

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;

/** Bytes as a person reads them: `1.5 MiB`, never rounded up. Without Node's number formats, which take 10 ms to load. */
export function drawBytes(bytes: number): string {
  const power = UNITS.findLastIndex((_, at) => at === 0 || bytes >= 1024 ** at);
  return `${String(Math.floor((bytes / 1024 ** power) * 10) / 10)} ${UNITS[power] ?? ''}`;
}

/** A rate: `31 MiB/s`. */
export function drawRate(bytesPerSecond: number): string {
  return `${drawBytes(Math.round(bytesPerSecond))}/s`;
}

/** A duration in its two largest units: `1h 12m`. */
export function drawSeconds(seconds: number): string {
  return prettyMilliseconds(Math.ceil(seconds) * 1000, { unitCount: 2 });
}

/** How much of a whole is there, never rounded up to 100 before it is: `99.9 %`. */
export function drawPercent(part: number, whole: number): string {
  const perMille = whole === 0 ? 1000 : Math.floor((part / whole) * 1000);
  return `${(perMille / 10).toFixed(1)} %`;
}

/** A count with its noun: `1 peer`, `3 peers`. */
export function drawCount(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? '' : 's'}`;
}
