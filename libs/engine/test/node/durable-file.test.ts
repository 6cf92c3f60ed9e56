import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { replaceFile } from '../../src/node/durable-file.ts';

let folder: string;
const at = (name: string): string => join(folder, name);

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shoal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('a file that is replaced', () => {
  it('has the new text, and leaves nothing beside it', async () => {
    await writeFile(at('map'), 'old');
    await replaceFile({ path: at('map'), temporary: at('map.new'), text: 'new' });
    expect(await readFile(at('map'), 'utf8')).toBe('new');
    expect(await readdir(folder)).toEqual(['map']);
  });

  it('takes the place of what a crash left of the last attempt', async () => {
    await writeFile(at('map.new'), 'half');
    await replaceFile({ path: at('map'), temporary: at('map.new'), text: 'whole' });
    expect(await readFile(at('map'), 'utf8')).toBe('whole');
    expect(await readdir(folder)).toEqual(['map']);
  });

  it('has the permissions that were asked for, whatever the old one had', async () => {
    await writeFile(at('key'), 'old');
    await chmod(at('key'), 0o644);
    await replaceFile({ path: at('key'), temporary: at('key.new'), text: 'secret', mode: 0o600 });
    expect((await stat(at('key'))).mode & 0o777).toBe(0o600);
  });

  it('stays as it was when it cannot be replaced, and leaves nothing beside it', async () => {
    await mkdir(at('taken'));
    await writeFile(join(at('taken'), 'inside'), 'kept');
    const failed = replaceFile({ path: at('taken'), temporary: at('taken.new'), text: 'new' });
    await expect(failed).rejects.toMatchObject({ code: 'EISDIR' });
    expect(await readdir(folder)).toEqual(['taken']);
    expect(await readFile(join(at('taken'), 'inside'), 'utf8')).toBe('kept');
  });
});
