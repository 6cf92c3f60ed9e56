import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sampleBytes, sha256OfTree, writeSampleFile, writeSmallFiles } from '@shoal/testbed';
import { useScene } from '../src/scene.ts';

const scene = useScene();

/** Names that people have, in scripts that people write. */
const NAMES = [
  'Überraschung für Zoë.txt',
  'Résumé (final).pdf',
  'фотографии/лето 2026.jpg',
  '写真/夏休み.png',
  '文件/报告.doc',
  'صور/عطلة.jpg',
  'תמונות/קיץ.jpg',
  'ελληνικά/αρχείο.txt',
  'हिन्दी/फ़ाइल.txt',
  '🐟🐠/🦈 shoal.txt',
  'spaces  and $pecial & "quotes".txt',
  '-starts-with-a-dash',
  '.hidden',
];

it('a folder with sub-folders, empty files, names in many scripts and hundreds of small files arrives identical', async () => {
  const [one, two] = [await scene.machine('one'), await scene.machine('two')];
  const { url } = await one.startTracker();
  const album = one.path('álbum');
  await writeSmallFiles(join(album, 'many'), 400, 10 * 1024);
  for (const name of NAMES) await writeSampleFile(join(album, name), 1000 + name.length, name);
  await mkdir(join(album, 'a/b/c/d'), { recursive: true });
  for (const name of ['empty', 'a/b/c/d/empty', 'zzz-last-empty']) await writeFile(join(album, name), '');
  await writeSampleFile(join(album, 'a/big.bin'), 3 * 1024 * 1024 + 17);

  const [, infoHash = ''] = await one.shoal('share', 'álbum', url).printed(/shoal:([0-9a-f]{64})/);
  await two.run('download', infoHash, '--tracker', url);

  const sums = await sha256OfTree(album);
  expect(Object.keys(sums)).toHaveLength(400 + NAMES.length + 4);
  expect(await sha256OfTree(two.path('álbum'))).toEqual(sums);
});

it('a download takes the folder to put it in', async () => {
  const [one, two] = [await scene.machine('one'), await scene.machine('two')];
  const { url } = await one.startTracker();
  await writeSampleFile(one.path('data/one.bin'), 100);
  const [link] = await one.shoal('share', 'data', url).printed(/shoal:[0-9a-f]{64}\S*/);
  await two.run('download', link, 'inner/place');
  expect(await sha256OfTree(two.path('inner/place/data'))).toEqual(await sha256OfTree(one.path('data')));
});

it('a share that nobody changed can be served from where a copy stands', async () => {
  const [one, two, three] = [await scene.machine('one'), await scene.machine('two'), await scene.machine('three')];
  const { url } = await one.startTracker();
  await writeFile(one.path('f.bin'), sampleBytes('f', 300_000));
  await one.run('create', 'f.bin', url);
  await cp(one.path('f.bin'), two.path('f.bin'));
  await two.shoal('share', 'f.bin', url).printed(/shoal:[0-9a-f]{64}/);
  await three.run('download', one.path('f.bin.torrent'));
  expect(await sha256OfTree(three.path('f.bin'))).toEqual(await sha256OfTree(one.path('f.bin')));
});
