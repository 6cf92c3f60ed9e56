/** What a counter said when. */
export interface Reading {
  readonly atMs: number;
  readonly bytes: number;
}

/** Mean rates over spans of one length, in bytes a second. */
export interface Rates {
  /** From the first reading on. */
  readonly first: number;
  /** Over any such span. */
  readonly lowest: number;
  readonly highest: number;
}

/** The mean rates that readings of a growing counter show; the readings cover at least one span. */
export function ratesOf(readings: readonly Reading[], spanMs: number): Rates {
  const rates: number[] = [];
  let end = 0;
  for (const from of readings) {
    while (end < readings.length && (readings[end]?.atMs ?? 0) < from.atMs + spanMs) end++;
    const to = readings[end];
    if (to !== undefined) rates.push((1000 * (to.bytes - from.bytes)) / (to.atMs - from.atMs));
  }
  return { first: rates[0] ?? NaN, lowest: Math.min(...rates), highest: Math.max(...rates) };
}
