import { ShoalError, type MetainfoFile } from '@shoal/protocol';
import { createElement } from 'react';
import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';
import type { Shown } from '../../src/download/download-desk.ts';
import type { DownloadState } from '../../src/download/file-download.ts';
import { FileRow } from '../../src/download/file-row.tsx';

const file: MetainfoFile = { path: ['a', 'b.txt'], length: 2_000_000, sha256: 'a'.repeat(64) as never };
const fetching: DownloadState = {
  ...{ phase: 'fetching', length: 2_000_000, verifiedBytes: 500_000, checkedBytes: 0, bytesPerSecond: 2048 },
  sources: [{ name: 'web-7', bytes: 500_000 }],
  troubles: [],
};
const ignore = (): void => undefined;

function draw(shown?: Shown, changes: Partial<MetainfoFile> = {}, hasRoom = true): string {
  const row = { file: { ...file, ...changes }, shown, hasRoom, onStart: ignore, onCancel: ignore };
  return renderToStaticMarkup(createElement(FileRow, row));
}

const downloading = (changes: Partial<DownloadState> = {}): Shown => {
  return { kind: 'download', state: { ...fetching, ...changes }, where: 'to disk' };
};

test('a file has its name, its size and a button that names it', () => {
  const html = draw();
  expect(html).toContain('a/b.txt');
  expect(html).toContain('1.9 MiB');
  expect(html).toContain('aria-label="Download a/b.txt"');
  expect(html).not.toContain('progressbar');
});

test('a download says how far it is, how fast, from whom and where to, and can be cancelled', () => {
  const html = draw(downloading());
  expect(html).toMatch(/role="progressbar"[^>]*aria-valuenow="25"/);
  expect(html).toContain('488 KiB of 1.9 MiB, 2.0 KiB/s, from web-7, to disk');
  expect(html).toContain('aria-label="Cancel the download of a/b.txt"');
});

test.each(['done', 'failed', 'cancelled'] as const)('one that is %s can be begun again', (phase) => {
  expect(draw(downloading({ phase }))).toContain('aria-label="Download a/b.txt"');
});

test('says what failed, and what was wrong with whom', () => {
  const problem = new ShoalError('peer-unreachable', 'none of them can be used');
  const troubles = [{ name: 'web-7', error: new ShoalError('bad-piece', 'piece 3 fails its SHA-256') }];
  const html = draw(downloading({ phase: 'failed', problem, troubles }));
  expect(html).toContain('None of them can be used.');
  expect(html).toContain('web-7: Piece 3 fails its SHA-256.');
  expect(draw({ kind: 'refused', error: new ShoalError('disk-full', 'too large') })).toContain('Too large.');
});

test('what strangers wrote is text, and shows what it hides', () => {
  const hostile = '<img src=x onerror=alert(1)>\u202egpj.exe';
  const troubles = [{ name: hostile, error: new ShoalError('peer-unreachable', `it said ${hostile}`) }];
  const html = draw(downloading({ phase: 'failed', sources: [{ name: hostile, bytes: 1 }], troubles }), {
    path: [hostile],
  });
  expect(html).not.toMatch(/<img|\u202e/);
  expect(html).toContain('&lt;img src=x onerror=alert(1)&gt;\ufffdgpj.exe');
});

test('no further download begins while as many are under way as may be', () => {
  expect(draw(undefined, {}, false)).toMatch(/<button[^>]*disabled/);
});
