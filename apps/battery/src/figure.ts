/** What a battery demanded and what it saw. */
export interface Figure {
  /** What was looked at, as a claim: `ready after a kill, with a million shares`. */
  readonly what: string;
  /** What must hold, in words with the unit: `at most 3 s`. */
  readonly demand: string;
  /** What was seen, with the unit: `1.2 s`; where it was not run, why. */
  readonly seen: string;
  readonly outcome: 'holds' | 'breaks' | 'not run';
  /** A figure that hangs on the speed of the machine is printed, and decides no test. */
  readonly isTiming: boolean;
}

/** A number with its unit, and whether it hangs on the speed of the machine. */
export interface Measure {
  readonly what: string;
  readonly unit: string;
  readonly limit: number;
  readonly seen: number;
  readonly isTiming: boolean;
}

/** A measured number that must not be above its limit. A number that is none breaks it. */
export function atMost(measure: Measure): Figure {
  return numeric(measure, { words: 'at most', holds: measure.seen <= measure.limit });
}

/** A measured number that must not be below its limit. A number that is none breaks it. */
export function atLeast(measure: Measure): Figure {
  return numeric(measure, { words: 'at least', holds: measure.seen >= measure.limit });
}

/** Something that must be so however slow the machine is: `seen` tells what was found, best as a count. */
export function fact(what: string, { demand, seen, holds }: { demand: string; seen: string; holds: boolean }): Figure {
  return { what, demand, seen, outcome: holds ? 'holds' : 'breaks', isTiming: false };
}

/** What this machine cannot show, with the reason: `not root`. */
export function notRun(what: string, { demand, why }: { demand: string; why: string }): Figure {
  return { what, demand, seen: why, outcome: 'not run', isTiming: false };
}

/** The figures that must hold on any machine, and do not. */
export function brokenFacts(figures: readonly Figure[]): readonly Figure[] {
  return figures.filter(({ outcome, isTiming }) => outcome === 'breaks' && !isTiming);
}

/** Figures as a table for a terminal, one line each, and the count of what holds. */
export function textOf(figures: readonly Figure[]): string {
  const mark = { holds: 'holds  ', breaks: 'BREAKS ', 'not run': 'not run' };
  const width = Math.max(0, ...figures.map(({ what }) => what.length));
  const demandWidth = Math.max(0, ...figures.map(({ demand }) => demand.length));
  const lines = figures.map(
    ({ what, demand, seen, outcome }) =>
      `${mark[outcome]}  ${what.padEnd(width)}  ${demand.padEnd(demandWidth)}  ${seen}`,
  );
  const count = (outcome: Figure['outcome']): number => figures.filter((figure) => figure.outcome === outcome).length;
  const summary = `${count('holds')} hold, ${count('breaks')} break, ${count('not run')} not run`;
  return [...lines, summary].join('\n');
}

function numeric(
  { what, unit, limit, seen, isTiming }: Measure,
  { words, holds }: { words: string; holds: boolean },
): Figure {
  const outcome = holds ? 'holds' : 'breaks';
  return { what, demand: `${words} ${round(limit)} ${unit}`, seen: `${round(seen)} ${unit}`, outcome, isTiming };
}

/** Three digits that count, and no more noise than that. */
function round(value: number): string {
  return Number.isFinite(value) ? String(Number(value.toPrecision(3))) : 'nothing';
}
