import type { Command } from 'commander';
import type { Report } from './report.ts';

/** Something that `npm run bench` can measure. */
export interface Measurement {
  /** Its subcommand: `link`. */
  readonly name: string;
  /** One line for the usage. */
  readonly summary: string;
  /** Declares its own options; `--runs`, `--json` and `--charts` all have. */
  options?(command: Command): Command;
  /** Measures; whatever it started is ended when it resolves or rejects. */
  run(order: MeasurementOrder): Promise<readonly Report[]>;
}

/** What a measurement is asked to do. */
export interface MeasurementOrder {
  /** How often each contender runs; contenders take turns. */
  readonly runs: number;
  /** Values of its own options. */
  readonly values: Readonly<Record<string, unknown>>;
  /** Says on the terminal what happens. */
  readonly print: (text: string) => void;
}
