/** `npm run bench -- <measurement> [options]`: what can be measured, and where its reports go. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, InvalidArgumentError } from 'commander';
import { svgOf } from './chart.ts';
import { CREATE } from './create/create.ts';
import { DASHBOARD_PAGE } from './dashboard/dashboard.ts';
import { FLEET } from './fleet/fleet.ts';
import { FOLDER } from './folder/folder.ts';
import { LARGE } from './large.ts';
import { LIMITS_KEPT } from './limits.ts';
import { FAN_OUT, LINK } from './link/link.ts';
import { MANY } from './many/many.ts';
import type { Measurement } from './measurement.ts';
import { SIM } from './sim/sim.ts';
import { SWARM } from './swarm/swarm.ts';
import { START } from './start/start.ts';
import { markdownOf, textOf, type Report } from './report.ts';
import { TRACKER } from './tracker/tracker.ts';

const MEASUREMENTS: readonly Measurement[] = [
  LINK,
  FAN_OUT,
  SWARM,
  CREATE,
  START,
  FOLDER,
  MANY,
  TRACKER,
  FLEET,
  LARGE,
  LIMITS_KEPT,
  SIM,
  DASHBOARD_PAGE,
];

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

interface Flags {
  readonly runs: number;
  readonly json?: string;
  readonly markdown?: string;
  readonly charts?: string;
}

function commandOf(measurement: Measurement): Command {
  const command = new Command(measurement.name)
    .description(measurement.summary)
    .option('--runs <number>', 'how often each contender runs', count, 5)
    .option('--json <file>', 'write the reports as JSON')
    .option('--markdown <file>', 'write the reports as Markdown')
    .option('--charts <folder>', 'write a chart of each report as SVG');
  return (measurement.options?.(command) ?? command).action(async (flags: Flags) => {
    const reports = await measurement.run({ runs: flags.runs, values: { ...flags }, print });
    for (const report of reports) print(`\n${textOf(report)}`);
    await write(reports, flags);
  });
}

async function write(reports: readonly Report[], { json, markdown, charts }: Flags): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(reports, null, 2)}\n`);
  if (markdown !== undefined) await writeFile(markdown, `${reports.map(markdownOf).join('\n\n')}\n`);
  if (charts === undefined) return;
  await mkdir(charts, { recursive: true });
  for (const report of reports) {
    const svg = svgOf(report);
    if (svg !== undefined) await writeFile(join(charts, `${report.name}.svg`), svg);
  }
}

/** A whole number of at least 1. */
function count(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) throw new InvalidArgumentError('must be a whole number of at least 1');
  return value;
}

// Ended from outside it still takes down the networks that it made.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const program = new Command('npm run bench --').description('Measures Shoal beside whatever else is installed.');
for (const measurement of MEASUREMENTS) program.addCommand(commandOf(measurement));
await program.parseAsync();
