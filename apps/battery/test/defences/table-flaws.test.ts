import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Defence } from '../../src/defences/defence.ts';
import { tableFlaws } from '../../src/defences/table-flaws.ts';

const row: Defence = {
  defence: 'the door is locked',
  file: 'door.ts',
  original: 'lock();',
  switchedOff: '',
  test: 'door.test.ts',
  title: 'keeps strangers out',
};

describe('a table of defences', () => {
  let root: string;
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'shoal-table-'));
    await writeFile(join(root, 'door.ts'), 'lock(); ring(); ring();');
    await writeFile(join(root, 'door.test.ts'), "it('keeps strangers out')");
  });
  afterAll(() => rm(root, { recursive: true }));

  it('has no flaw when each row names what is there, once', async () => {
    expect(await tableFlaws([row], root)).toEqual([]);
  });

  it.each([
    ['source that is not there', { original: 'unlock();' }, 'stands 0 times in door.ts'],
    ['source that stands twice', { original: 'ring();' }, 'stands 2 times in door.ts'],
    ['a file that is not there', { file: 'window.ts' }, 'stands 0 times in window.ts'],
    ['a change that is none', { switchedOff: 'lock();' }, 'changes nothing'],
    ['a test that is not there', { title: 'lets friends in' }, 'no title in door.test.ts has "lets friends in"'],
    ['a contract that is not there', { titleIn: 'door.contract.ts' }, 'no title in door.contract.ts'],
  ])('must not name %s', async (_what, change, flaw) => {
    expect((await tableFlaws([{ ...row, ...change }], root)).join()).toContain(flaw);
  });

  it('must not name a defence or a change twice', async () => {
    const flaws = await tableFlaws([row, { ...row, defence: 'another' }, { ...row, switchedOff: 'ring();' }], root);
    expect(flaws).toHaveLength(2);
  });
});
