/** `npm run bench -- link [--runs N] [--mebibytes N]`, `npm run bench -- large` or `npm run bench -- limits`. */
import { parseArgs } from 'node:util';
import { measureLarge } from './large.ts';
import { measureLimits } from './limits.ts';
import { measureLink } from './link.ts';

const USAGE = `Usage: npm run bench -- <measurement>
  link [--runs 3] [--mebibytes 1024]  one file between two processes, beside a plain TCP transfer
  large                               a file of 4 GiB and a folder of 10,000 files: time and memory
  limits                              upload and download limits, and the rates over 10 s that they give
`;

const print = (text: string): void => {
  process.stdout.write(`${text}\n`);
};

async function main(): Promise<void> {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: { runs: { type: 'string', default: '3' }, mebibytes: { type: 'string', default: '1024' } },
  });
  switch (positionals.join(' ')) {
    case 'link':
      return measureLink({ bytes: Number(values.mebibytes) * 1024 ** 2, runs: Number(values.runs), print });
    case 'large':
      return measureLarge(print);
    case 'limits':
      return measureLimits(print);
    default:
      process.stderr.write(USAGE);
      process.exitCode = 2;
  }
}

await main();
