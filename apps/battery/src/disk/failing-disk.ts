import { rm, stat } from 'node:fs/promises';
import { sha256OfTree, writeSampleFile } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import type { FaultRule } from '../faults/fault-rule.ts';
import { Faults } from '../faults/faults.ts';
import { fact, type Figure } from '../figure.ts';
import { onStage, type Offered, type Stage } from '../stage.ts';
import { toldCode } from '../told-code.ts';

const FILM_BYTES = 2 * 1024 * 1024;

type Strike = Pick<FaultRule, 'call' | 'place' | 'nth' | 'lasts'> & { readonly or?: FaultRule['call'] };

/** What fails, in words, and which calls those are. */
const STRIKES: Readonly<Record<string, Strike>> = {
  'the first write': { call: 'write', place: 'data', nth: 1, lasts: 'once' },
  'every write from the 5th on': { call: 'write', place: 'data', nth: 5, lasts: 'for good' },
  'the flush': { call: 'flush', place: 'data', nth: 1, lasts: 'once' },
  'the making of the have-map': { call: 'open', place: 'new-have-map', nth: 1, lasts: 'once' },
  'the write of the have-map': { call: 'write', place: 'new-have-map', nth: 1, lasts: 'once' },
  'the flush of the have-map': { call: 'flush', place: 'new-have-map', nth: 1, lasts: 'once' },
  'the rename of the have-map': { call: 'rename', place: 'new-have-map', nth: 1, lasts: 'once' },
  'the flush of the folder': { call: 'flush', place: 'folder', nth: 1, lasts: 'once' },
  // Where there are no second names, a rename gives it.
  'the final name': { call: 'link', place: 'data', nth: 1, lasts: 'for good', or: 'rename' },
  'the removal of the old name': { call: 'remove', place: 'data', nth: 1, lasts: 'for good' },
  'the flush of the final name': { call: 'flush', place: 'folder', nth: 2, lasts: 'for good' },
};

/** A disk that answers EIO to one call of the write path, or to all from one on. */
export const FAILING_DISK: Part = {
  name: 'EIO',
  run: () => onStage(failEach),
};

async function failEach(stage: Stage): Promise<readonly Figure[]> {
  const faults = await Faults.create(stage.sandbox);
  await writeSampleFile(stage.home.path('film.bin'), FILM_BYTES);
  const offered = await stage.offer('film.bin');
  const wrong: string[] = [];
  for (const [what, strike] of Object.entries(STRIKES)) {
    const flaw = await failAt({ stage, faults, offered }, what, strike);
    if (flaw !== undefined) wrong.push(`${what}: ${flaw}`);
  }
  const count = Object.keys(STRIKES).length;
  return [
    fact(`EIO at ${count} calls of the write path: marked done, not told, or not mended by another try`, {
      demand: 'none',
      seen: wrong.join(', ') || 'none',
      holds: wrong.length === 0,
    }),
  ];
}

/** Downloads with the fault, and again without it. Answers what was not as it should be. */
async function failAt(
  { stage, faults, offered }: { stage: Stage; faults: Faults; offered: Offered },
  what: string,
  strike: Strike,
): Promise<string | undefined> {
  const machine = await stage.machine(what);
  const target = machine.path('film.bin');
  const { or = strike.call, ...rule } = strike;
  const calls = [...new Set([strike.call, or])];
  faults.arm(
    machine,
    calls.map((call) => ({ ...rule, call, moment: 'before', fault: 'EIO', below: machine.folder })),
  );
  const told = await toldCode(machine.shoal('download', offered.torrent, '--json'));
  if (told !== 'storage-failed') return `told as ${told}`;
  const isNamed = await stat(target).then(
    () => true,
    () => false,
  );
  // Under its final name it stands only when every byte of it was checked and flushed.
  if (isNamed && !(await isSame(target, offered.source))) return 'a wrong file has the final name';
  if (isNamed && ['write', 'open'].includes(strike.call)) return 'it has the final name';
  faults.arm(machine, []);
  await machine.run('download', offered.torrent, '--json');
  const isRight = await isSame(target, offered.source);
  await rm(machine.folder, { recursive: true });
  return isRight ? undefined : 'wrong bytes after another try';
}

async function isSame(path: string, source: string): Promise<boolean> {
  return JSON.stringify(await sha256OfTree(path)) === JSON.stringify(await sha256OfTree(source));
}
