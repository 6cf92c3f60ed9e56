import { beforeEach, expect, test } from 'vitest';
import { DownloadDesk, MOST_AT_ONCE, type Shown } from '../../src/download/download-desk.ts';
import { MEMORY_BYTES, type BrowserPlaces } from '../../src/download/sinks.ts';
import { FakeClock } from './fake-clock.ts';
import { FakeNetwork, settle } from './fake-network.ts';
import { sampleShare, sha256 } from './sample-share.ts';

const share = sampleShare([70_000, 70_000, 70_000, 70_000, 0]);
const { metainfo } = share;
const { infoHash } = metainfo;

let network: FakeNetwork;
let handedOver: string[];

beforeEach(() => {
  network = new FakeNetwork(share);
  handedOver = [];
});

function aDesk(places: Partial<BrowserPlaces> = {}): DownloadDesk {
  return new DownloadDesk({
    ...{ clock: new FakeClock(), random: () => 0.5, openSocket: network.open },
    place: { protocol: 'http:', hostname: 'tracker', origin: 'http://tracker:8000' },
    probe: () => Promise.resolve('silent'),
    hash: (bytes) => Promise.resolve(sha256(bytes)),
    places: { handOver: (_content, name) => void handedOver.push(name), now: () => 0, ...places },
  });
}

const phaseOf = (shown: Shown | undefined): string => (shown?.kind === 'download' ? shown.state.phase : 'none');

test('tells how each download stands, as a new picture after each change and the same one otherwise', async () => {
  const desk = aDesk();
  let changes = 0;
  const unsubscribe = desk.subscribe(() => changes++);
  await desk.start(metainfo, 1, [network.add('a')]);
  expect([phaseOf(desk.filesOf(infoHash).get(1)), desk.isBusy]).toEqual(['linking', true]);
  const before = desk.filesOf(infoHash);
  expect(desk.filesOf(infoHash)).toBe(before);
  await expect.poll(() => phaseOf(desk.filesOf(infoHash).get(1))).toBe('done');
  expect(desk.filesOf(infoHash)).not.toBe(before);
  expect([handedOver, desk.isBusy]).toEqual([['file-1'], false]);
  unsubscribe();
  const seen = changes;
  await desk.start(metainfo, 4, []);
  await settle();
  expect([changes, handedOver]).toEqual([seen, ['file-1', 'file-4']]);
});

test('has as many downloads at once as may be, and room again when one has ended', async () => {
  const desk = aDesk();
  for (let file = 0; file <= MOST_AT_ONCE; file++) await desk.start(metainfo, file, []);
  expect([desk.filesOf(infoHash).size, desk.hasRoom]).toEqual([MOST_AT_ONCE, false]);
  await desk.cancel(infoHash, 0);
  expect([phaseOf(desk.filesOf(infoHash).get(0)), desk.hasRoom]).toEqual(['cancelled', true]);
});

test('has room at the moment when it tells that a download has ended', async () => {
  const desk = aDesk();
  const seen: [string, boolean][] = [];
  for (let file = 0; file < MOST_AT_ONCE; file++) await desk.start(metainfo, file, []);
  desk.subscribe(() => seen.push([phaseOf(desk.filesOf(infoHash).get(0)), desk.hasRoom]));
  await desk.cancel(infoHash, 0);
  expect(seen).toContainEqual(['cancelled', true]);
  expect(seen).not.toContainEqual(['cancelled', false]);
});

test('tells the downloads of a share who has it now', async () => {
  const desk = aDesk();
  await desk.start(metainfo, 2, []);
  desk.know(infoHash, [network.add('late')]);
  await expect.poll(() => handedOver).toEqual(['file-2']);
});

test('begins nothing when the person wants no place for it', async () => {
  const desk = aDesk({ pick: () => Promise.reject(new DOMException('no', 'AbortError')) });
  await desk.start(metainfo, 0, []);
  expect([desk.filesOf(infoHash).size, desk.hasRoom]).toEqual([0, true]);
});

test('says why a download cannot begin', async () => {
  const large = {
    ...metainfo,
    info: { ...metainfo.info, files: [{ ...metainfo.info.files[0]!, length: MEMORY_BYTES + 1 }] },
  };
  const desk = aDesk();
  await desk.start(large, 0, []);
  expect(desk.filesOf(infoHash).get(0)).toMatchObject({ kind: 'refused', error: { code: 'disk-full' } });
});
