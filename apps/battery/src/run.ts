import type { Battery, BatteryOrder } from './battery.ts';
import type { Figure } from './figure.ts';

/** What one battery saw when it was run. */
export interface BatteryRun {
  readonly name: string;
  readonly summary: string;
  /** The command that runs it again. */
  readonly command: string;
  /** Where and when it ran. */
  readonly machine: string;
  readonly seconds: number;
  readonly figures: readonly Figure[];
}

/** Runs a battery to its end. */
export async function runBattery(battery: Battery, order: BatteryOrder, machine: string): Promise<BatteryRun> {
  const begin = performance.now();
  const figures = await battery.run(order);
  const seconds = (performance.now() - begin) / 1000;
  const { name, summary } = battery;
  return { name, summary, command: commandOf(name, order), machine, seconds, figures };
}

/** A run as a section of a Markdown page. */
export function markdownOf({ name, summary, command, machine, seconds, figures }: BatteryRun): string {
  const mark = { holds: 'holds', breaks: '**breaks**', 'not run': 'not run' };
  const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
  const rows = figures.map(
    ({ what, demand, seen, outcome }) => `| ${[what, demand, seen, mark[outcome]].map(cell).join(' | ')} |`,
  );
  return [
    `## ${name}`,
    `${summary[0]?.toUpperCase() ?? ''}${summary.slice(1)}. \`${command}\`, ${seconds.toFixed(0)} s. ${machine}`,
    ['| what | demanded | seen | |', '| --- | --- | --- | --- |', ...rows].join('\n'),
  ].join('\n\n');
}

function commandOf(name: string, { extent, seed, only }: BatteryOrder): string {
  const flags = [
    ...(extent === 'full' ? [] : [`--${extent}`]),
    ...(seed === 1 ? [] : [`--seed ${seed}`]),
    ...(only === undefined ? [] : [`--only '${only}'`]),
  ];
  return ['npm run battery --', name, ...flags].join(' ');
}
