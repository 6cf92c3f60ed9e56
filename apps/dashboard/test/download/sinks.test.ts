import { describe, expect, it } from 'vitest';
import { MEMORY_BYTES, openSink, type BrowserPlaces } from '../../src/download/sinks.ts';

/** A file of the browser, as far as a sink needs one. */
class FakeFile {
  content = new Uint8Array(0);
  failure: DOMException | undefined;
  isAborted = false;

  asHandle(): FileSystemFileHandle {
    let draft = new Uint8Array(0);
    const handle = {
      createWritable: () => {
        draft = new Uint8Array(0);
        return Promise.resolve({
          write: ({ position, data }: { position: number; data: Uint8Array }) => {
            if (this.failure !== undefined) return Promise.reject(this.failure);
            const grown = new Uint8Array(Math.max(draft.length, position + data.length));
            grown.set(draft);
            grown.set(data, position);
            draft = grown;
            return Promise.resolve();
          },
          close: () => Promise.resolve(void (this.content = draft)),
          abort: () => Promise.resolve(void (this.isAborted = true)),
        });
      },
      getFile: () => Promise.resolve(new Blob([this.content])),
    };
    return handle as unknown as FileSystemFileHandle;
  }
}

class FakeFolder {
  readonly files = new Map<string, FakeFile>();

  asHandle(): FileSystemDirectoryHandle {
    const folder = {
      keys: () => this.files.keys(),
      getFileHandle: (name: string) => {
        const file = new FakeFile();
        this.files.set(name, file);
        return Promise.resolve(file.asHandle());
      },
      removeEntry: (name: string) => Promise.resolve(void this.files.delete(name)),
    };
    return folder as unknown as FileSystemDirectoryHandle;
  }
}

const DAY_MS = 24 * 60 * 60 * 1000;
const wanted = { name: 'photo.jpg', length: 6 };
const text = async (content: Blob): Promise<string> => new TextDecoder().decode(await content.arrayBuffer());
const bytes = (content: string): Uint8Array<ArrayBuffer> => new TextEncoder().encode(content);

function browser(places: Partial<BrowserPlaces> = {}): BrowserPlaces & { handed: [string, string][] } {
  const handed: [string, string][] = [];
  const handOver = (content: Blob, name: string): void => void text(content).then((all) => handed.push([name, all]));
  return { handOver, now: () => DAY_MS, handed, ...places };
}

/** Writes a file out of order. */
async function fill(places: BrowserPlaces) {
  const sink = (await openSink(wanted, places))!;
  await sink.write(3, bytes('def'));
  await sink.write(0, bytes('abc'));
  return sink;
}

describe('a file that the person picks', () => {
  it('is suggested its name, written as pieces come, and complete when it is sealed', async () => {
    const file = new FakeFile();
    const names: string[] = [];
    const pick = ({ suggestedName }: { suggestedName: string }) => {
      names.push(suggestedName);
      return Promise.resolve(file.asHandle());
    };
    const places = browser({ pick, ownFolder: () => Promise.reject(new Error('not wanted')) });
    const sink = await fill(places);
    expect(file.content).toHaveLength(0);
    expect(await text(await sink.seal())).toBe('abcdef');
    await sink.deliver();
    expect([names, places.handed]).toEqual([['photo.jpg'], []]);
  });

  it('may be none after all', async () => {
    const pick = (): Promise<never> => Promise.reject(new DOMException('no', 'AbortError'));
    expect(await openSink(wanted, browser({ pick }))).toBeUndefined();
  });

  it('says when it may not be written', async () => {
    const pick = (): Promise<never> => Promise.reject(new DOMException('no', 'NotAllowedError'));
    await expect(openSink(wanted, browser({ pick }))).rejects.toMatchObject({ code: 'storage-failed' });
  });

  it('is left as it was when it is given up, and emptied when it turned out wrong', async () => {
    const file = new FakeFile();
    file.content = bytes('before');
    const places = browser({ pick: () => Promise.resolve(file.asHandle()) });
    await (await fill(places)).discard();
    expect([file.isAborted, new TextDecoder().decode(file.content)]).toEqual([true, 'before']);
    const wrong = await fill(places);
    await wrong.seal();
    await wrong.discard();
    expect(file.content).toHaveLength(0);
  });
});

describe('a file of the page’s own', () => {
  it('is handed over at the end, and not before', async () => {
    const folder = new FakeFolder();
    const places = browser({ ownFolder: () => Promise.resolve(folder.asHandle()) });
    const sink = await fill(places);
    expect(await text(await sink.seal())).toBe('abcdef');
    expect(places.handed).toEqual([]);
    await sink.deliver();
    await expect.poll(() => places.handed).toEqual([['photo.jpg', 'abcdef']]);
  });

  it('is removed when it is given up, and a day after it was left', async () => {
    const folder = new FakeFolder();
    for (const name of ['shoal-1-a', `shoal-${DAY_MS}-b`, 'other']) folder.files.set(name, new FakeFile());
    const ownFolder = () => Promise.resolve(folder.asHandle());
    const sink = (await openSink(wanted, browser({ ownFolder, now: () => DAY_MS + 2 })))!;
    expect([...folder.files.keys()].slice(0, 2)).toEqual([`shoal-${DAY_MS}-b`, 'other']);
    expect(folder.files.size).toBe(3);
    await sink.discard();
    expect(folder.files.size).toBe(2);
  });

  it('says that the disk is full', async () => {
    const folder = new FakeFolder();
    const sink = await fill(browser({ ownFolder: () => Promise.resolve(folder.asHandle()) }));
    for (const file of folder.files.values()) file.failure = new DOMException('no', 'QuotaExceededError');
    await expect(sink.write(0, bytes('x'))).rejects.toMatchObject({ code: 'disk-full' });
  });

  it('is not used where it cannot be written', async () => {
    const places = browser({ ownFolder: () => Promise.reject(new DOMException('no', 'SecurityError')) });
    expect((await openSink(wanted, places))?.where).toContain('memory');
  });
});

describe('memory', () => {
  it('holds a file until it is complete', async () => {
    const places = browser();
    const sink = await fill(places);
    expect(await text(await sink.seal())).toBe('abcdef');
    await sink.deliver();
    await expect.poll(() => places.handed).toEqual([['photo.jpg', 'abcdef']]);
  });

  it('takes a gibibyte and not one byte more, and says what to do instead', async () => {
    const open = (length: number) => openSink({ name: 'x', length }, browser());
    expect(await open(MEMORY_BYTES)).toBeDefined();
    await expect(open(MEMORY_BYTES + 1)).rejects.toMatchObject({
      code: 'disk-full',
      message: expect.stringContaining('1 GiB at most') as string,
    });
  });
});
