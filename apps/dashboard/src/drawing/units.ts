/** Numbers as people read them. */
const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'] as const;
const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const digits = new Intl.NumberFormat('en');

/** `1,204` */
export function drawNumber(value: number): string {
  return digits.format(value);
}

/** Bytes: `1.5 MiB`, never rounded up. */
export function drawBytes(bytes: number): string {
  const power = UNITS.findLastIndex((_, at) => at === 0 || bytes >= 1024 ** at);
  const value = bytes / 1024 ** power;
  const text = power === 0 || value >= 100 ? String(Math.floor(value)) : (Math.floor(value * 10) / 10).toFixed(1);
  return `${text} ${UNITS[power] ?? ''}`;
}

/** A rate: `31.0 MiB/s`; a dash where nothing moves. */
export function drawRate(bytesPerSecond: number): string {
  return bytesPerSecond < 1 ? '–' : `${drawBytes(bytesPerSecond)}/s`;
}

/** A duration in its two largest units: `1 h 12 min`; a dash where it is not known. */
export function drawSeconds(seconds: number | undefined): string {
  if (seconds === undefined) return '–';
  const whole = Math.ceil(seconds);
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  if (whole < MINUTE) return `${String(whole)} s`;
  if (whole < HOUR) return twoUnits(whole, [MINUTE, 'min'], [1, 's']);
  if (whole < DAY) return twoUnits(whole, [HOUR, 'h'], [MINUTE, 'min']);
  return twoUnits(whole, [DAY, 'd'], [HOUR, 'h']);
}

type Unit = readonly [seconds: number, name: string];

function twoUnits(seconds: number, [large, largeName]: Unit, [small, smallName]: Unit): string {
  const rest = Math.floor((seconds % large) / small);
  return `${drawNumber(Math.floor(seconds / large))} ${largeName}${rest === 0 ? '' : ` ${String(rest)} ${smallName}`}`;
}

/** How long ago a time in RFC 3339 was, in its largest unit: `3 h`; a dash where it is no time. */
export function drawAge(at: string, nowMs: number): string {
  const seconds = Math.max(0, (nowMs - Date.parse(at)) / 1000);
  if (Number.isNaN(seconds)) return '–';
  if (seconds < MINUTE) return `${String(Math.floor(seconds))} s`;
  if (seconds < HOUR) return `${String(Math.floor(seconds / MINUTE))} min`;
  if (seconds < DAY) return `${String(Math.floor(seconds / HOUR))} h`;
  return `${drawNumber(Math.floor(seconds / DAY))} d`;
}

/** How much of a whole is there, in [0, 1]; all of it where the whole is nothing. */
export function partOf(part: number, whole: number): number {
  return whole <= 0 ? 1 : Math.min(1, Math.max(0, part / whole));
}

/** A part as `99.9 %`, never rounded up to 100 before it is. */
export function drawPercent(part: number): string {
  return part >= 1 ? '100 %' : `${(Math.floor(part * 1000) / 10).toFixed(1)} %`;
}

/** A count with its noun: `1 machine`, `1,204 machines`. */
export function drawCount(count: number, noun: string): string {
  return `${drawNumber(count)} ${noun}${count === 1 ? '' : 's'}`;
}
