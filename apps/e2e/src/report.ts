import { mkdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

const REPORTS = resolve(import.meta.dirname, '../../../reports');

/** Leaves figures that a test measured, and does not judge, in `reports/NAME.json`. */
export async function writeReport(name: string, figures: object): Promise<void> {
  await mkdir(REPORTS, { recursive: true });
  await writeFile(join(REPORTS, `${name}.json`), `${JSON.stringify(figures, null, 2)}\n`);
}
