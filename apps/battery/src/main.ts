/** `npm run battery -- <name> [options]`: which batteries there are, and where their figures go. */
import { writeFile } from 'node:fs/promises';
import { describeMachine } from '@shoal/testbed';
import { Command, InvalidArgumentError } from 'commander';
import type { Battery, Extent } from './battery.ts';
import { BATTERIES } from './batteries.ts';
import { textOf } from './figure.ts';
import { markdownOf, runBattery, type BatteryRun } from './run.ts';

interface Flags {
  readonly quick?: true;
  readonly nightly?: true;
  readonly seed: number;
  readonly only?: string;
  readonly json?: string;
  readonly markdown?: string;
}

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

function commandOf(name: string, { summary, batteries }: { summary: string; batteries: readonly Battery[] }): Command {
  return new Command(name)
    .description(summary)
    .option('--quick', 'only what every test run does')
    .option('--nightly', 'as much as a night has time for')
    .option('--seed <number>', 'where chance begins', wholeNumber, 1)
    .option('--only <text>', 'only the parts whose names contain this')
    .option('--json <file>', 'write the figures as JSON')
    .option('--markdown <file>', 'write the figures as sections of a Markdown page')
    .action(async (flags: Flags) => {
      const runs = await runAll(batteries, flags);
      if (flags.json !== undefined) await writeFile(flags.json, `${JSON.stringify(runs, null, 2)}\n`);
      if (flags.markdown !== undefined) await writeFile(flags.markdown, `${runs.map(markdownOf).join('\n\n')}\n`);
      const isBroken = runs.some(({ figures }) => figures.some(({ outcome }) => outcome === 'breaks'));
      if (isBroken) process.exitCode = 1;
    });
}

async function runAll(batteries: readonly Battery[], flags: Flags): Promise<readonly BatteryRun[]> {
  const [extent, { seed, only }] = [extentOf(flags), flags];
  const runs: BatteryRun[] = [];
  for (const battery of batteries) {
    const machine = describeMachine();
    print(`\n${battery.name} (${extent}, seed ${seed}): ${battery.summary}\n${machine}`);
    const run = await runBattery(battery, { extent, seed, print, ...(only !== undefined && { only }) }, machine);
    print(textOf(run.figures));
    runs.push(run);
  }
  return runs;
}

function extentOf({ quick, nightly }: Flags): Extent {
  if (quick) return 'quick';
  return nightly ? 'nightly' : 'full';
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 0) throw new InvalidArgumentError('must be a whole number');
  return value;
}

// Ended from outside it still takes down what it put up.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(1));

const program = new Command('npm run battery --').description(
  'Attacks Shoal, and says what it promised and what was seen.',
);
for (const battery of BATTERIES) {
  program.addCommand(commandOf(battery.name, { summary: battery.summary, batteries: [battery] }));
}
program.addCommand(commandOf('all', { summary: 'every battery, one after the other', batteries: BATTERIES }));
await program.parseAsync();
