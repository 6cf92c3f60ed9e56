import { createHash } from 'node:crypto';
import { resolve } from 'node:path';
import { LIMITS } from '@shoal/protocol';
import type { Battery } from '../battery.ts';
import { fact, type Figure } from '../figure.ts';
import type { Defence } from './defence.ts';
import { proveAll } from './proof.ts';
import { DEFENCES } from './rows.ts';
import { tableFlaws } from './table-flaws.ts';

const ROOT = resolve(import.meta.dirname, '../../../..');
/** How many are proved in every test run: which, the seed decides. */
const QUICK_ROWS = 4;
/** Limits that keep nobody out: what we aim at, or take for ourselves. */
const NO_DEFENCES: readonly (keyof typeof LIMITS)[] = ['targetPieces', 'pieceMsPerMiB'];

/** Switches off one defence after the other; `--only` chooses by the name of the defence or its file. */
export const DEFENCES_BATTERY: Battery = {
  name: 'defences',
  summary: 'switches off each defence of the product in a copy, and sees that the named test fails',
  run: async ({ extent, seed, only = '', print }) => {
    const rows = DEFENCES.filter(({ defence, file }) => defence.includes(only) || file.includes(only));
    const chosen = extent === 'quick' ? bySeed(rows, seed).slice(0, QUICK_ROWS) : rows;
    return [await tableFigure(), limitsFigure(), ...(await proveAll(chosen, { root: ROOT, print }))];
  },
};

async function tableFigure(): Promise<Figure> {
  const flaws = await tableFlaws(DEFENCES, ROOT);
  const seen = flaws.length === 0 ? `${DEFENCES.length} do` : flaws.join('; ');
  return fact('defences that name their source and their test', { demand: 'all', seen, holds: flaws.length === 0 });
}

/** The limits are read off the protocol, so that a new one cannot be forgotten. */
function limitsFigure(): Figure {
  const defended = new Set([...NO_DEFENCES, ...DEFENCES.flatMap(({ limits = [] }) => limits)]);
  const all = Object.keys(LIMITS) as (keyof typeof LIMITS)[];
  const bare = all.filter((limit) => !defended.has(limit));
  const seen = bare.length === 0 ? `${all.length - NO_DEFENCES.length} are` : `not ${bare.join(', ')}`;
  return fact('limits that a defence enforces', { demand: 'all', seen, holds: bare.length === 0 });
}

function bySeed(rows: readonly Defence[], seed: number): readonly Defence[] {
  const place = ({ defence }: Defence): string => createHash('sha256').update(`${seed} ${defence}`).digest('hex');
  return [...rows].sort((a, b) => (place(a) < place(b) ? -1 : 1));
}
