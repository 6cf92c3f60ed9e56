import { expect, it } from 'vitest';
import type { Battery } from '../src/battery.ts';
import { fact, notRun } from '../src/figure.ts';
import { markdownOf, runBattery } from '../src/run.ts';

const battery: Battery = {
  name: 'crash',
  summary: 'kills what runs',
  run: () =>
    Promise.resolve([
      fact('files', { demand: 'all | right', seen: '1 wrong', holds: false }),
      notRun('a power cut', { demand: 'nothing lost', why: 'not root' }),
    ]),
};
const order = { extent: 'nightly', seed: 7, print: () => undefined } as const;

it('a run tells how to run it again, and stands as a table of Markdown', async () => {
  const run = { ...(await runBattery(battery, order, 'A machine.')), seconds: 61.4 };
  expect(markdownOf(run).split('\n')).toEqual([
    '## crash',
    '',
    'Kills what runs. `npm run battery -- crash --nightly --seed 7`, 61 s. A machine.',
    '',
    '| what | demanded | seen | |',
    '| --- | --- | --- | --- |',
    '| files | all \\| right | 1 wrong | **breaks** |',
    '| a power cut | nothing lost | not root | not run |',
  ]);
});

it('the usual extent and seed are not said', async () => {
  const { command } = await runBattery(battery, { ...order, extent: 'full', seed: 1 }, 'A machine.');
  expect(command).toBe('npm run battery -- crash');
});
