/** `npm run bench -- link [--runs N] [--mebibytes N]` or `npm run bench -- large`. */
import { parseArgs } from 'node:util';
import { measureLarge } from './large.ts';
import { measureLink } from './link.ts';

const USAGE = `Usage: npm run bench -- <measurement>
  link [--runs 3] [--mebibytes 1024]  one file between two processes, beside a plain TCP transfer
  large                               a file of 4 GiB and a folder of 10,000 files: time and memory
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
    default:
      process.stderr.write(USAGE);
      process.exitCode = 2;
  }
}

await main();
