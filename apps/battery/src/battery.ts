import type { Figure } from './figure.ts';

/** How much of a battery runs: what every `npm test` can afford, what its figures are made of, what a night has time for. */
export type Extent = 'quick' | 'full' | 'nightly';

/** Something that Shoal promises, attacked: `npm run battery -- <name>`. */
export interface Battery {
  /** Its subcommand: `crash`. */
  readonly name: string;
  /** One line for the usage: what is done to whom. */
  readonly summary: string;
  /**
   * Attacks, and says what was demanded and what was seen. It resolves when demands were broken, too; it rejects when it could
   * not do its work. Whatever it started is ended either way.
   */
  run(order: BatteryOrder): Promise<readonly Figure[]>;
}

/** What a battery is asked to do. */
export interface BatteryOrder {
  readonly extent: Extent;
  /** Where its chance begins: equal seeds, equal attacks. */
  readonly seed: number;
  /** Only the parts whose names contain this text; all when absent. */
  readonly only?: string;
  /** Says on the terminal what happens. */
  readonly print: (text: string) => void;
}

/** A named piece of a battery, which `--only` can choose. */
export interface Part {
  readonly name: string;
  run(order: BatteryOrder): Promise<readonly Figure[]>;
}

/** Runs the chosen parts one after the other, and names each as it begins. */
export async function runParts(parts: readonly Part[], order: BatteryOrder): Promise<readonly Figure[]> {
  const chosen = parts.filter(({ name }) => order.only === undefined || name.includes(order.only));
  const figures: Figure[] = [];
  for (const part of chosen) {
    order.print(`… ${part.name}`);
    figures.push(...(await part.run(order)));
  }
  return figures;
}
