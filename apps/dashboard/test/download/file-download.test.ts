import { createMetainfo, type SwarmMember } from '@shoal/protocol';
import { beforeEach, expect, test } from 'vitest';
import { FileDownload, type DownloadParts, type DownloadState } from '../../src/download/file-download.ts';
import { openSink } from '../../src/download/sinks.ts';
import type { Sink } from '../../src/download/sink.ts';
import { FakeClock } from './fake-clock.ts';
import { aMember, FakeNetwork, settle } from './fake-network.ts';
import { sampleShare, sha256 } from './sample-share.ts';

const KiB = 1024;
const share = sampleShare([200 * KiB, 300 * KiB, 100 * KiB, 0]);

let network: FakeNetwork;
let clock: FakeClock;
let handedOver: Blob[];
let states: DownloadState[];

beforeEach(() => {
  network = new FakeNetwork(share);
  clock = new FakeClock();
  handedOver = [];
  states = [];
});

async function memory(): Promise<Sink> {
  const places = { handOver: (content: Blob) => void handedOver.push(content), now: () => 0 };
  const sink = await openSink({ name: 'file', length: 1 }, places);
  return sink!;
}

async function start(members: readonly SwarmMember[], changes: Partial<DownloadParts> = {}): Promise<FileDownload> {
  const download = new FileDownload({
    ...{ metainfo: share.metainfo, file: 1, clock, random: () => 0.5, openSocket: network.open },
    place: { protocol: 'http:', hostname: 'tracker', origin: 'http://tracker:8000' },
    probe: () => Promise.resolve('silent'),
    hash: (bytes) => Promise.resolve(sha256(bytes)),
    sink: await memory(),
    onChange: (state) => states.push(state),
    ...changes,
  });
  download.start(members);
  return download;
}

/** Lets things happen until the download is in this phase. */
async function reaches(download: FileDownload, phase: DownloadState['phase']): Promise<void> {
  for (let turn = 0; turn < 400 && download.state.phase !== phase; turn++) {
    await settle();
    clock.pass(100);
  }
  expect(download.state.phase).toBe(phase);
}

const bytesOf = async (content: Blob): Promise<Uint8Array> => new Uint8Array(await content.arrayBuffer());

test('fetches one file of a share, from several agents, and hands over exactly its bytes', async () => {
  const download = await start([network.add('a'), network.add('b')]);
  await reaches(download, 'done');
  expect(handedOver).toHaveLength(1);
  expect(await bytesOf(handedOver[0]!)).toEqual(share.file(1));
  const { verifiedBytes, checkedBytes, sources } = download.state;
  expect([verifiedBytes, checkedBytes]).toEqual([300 * KiB, 300 * KiB]);
  expect(sources.map(({ name }) => name).sort()).toEqual(['a', 'b']);
  expect(sources.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(300 * KiB);
  for (const { heard } of network.visits) expect(heard.at(-1)).toMatchObject({ kind: 'bye' });
});

test('requests no piece that holds nothing of the file, whatever is offered', async () => {
  const download = await start([network.add('a', { window: 6 })]);
  await reaches(download, 'done');
  const requested = network.visits[0]!.heard.flatMap((message) => (message.kind === 'request' ? message.blocks : []));
  expect(requested.map(([piece]) => piece).sort()).toEqual([3, 4, 5, 6, 7]);
});

test('takes nothing from an agent that sends wrong bytes, and goes on with another', async () => {
  const download = await start([network.add('bad', { spoils: true })]);
  await settle();
  download.know([aMember('bad'), network.add('good')]);
  await reaches(download, 'done');
  expect(await bytesOf(handedOver[0]!)).toEqual(share.file(1));
  expect(download.state.sources).toEqual([{ name: 'good', bytes: 300 * KiB }]);
  expect(download.state.troubles.map(({ name, error }) => [name, error.code])).toEqual([['bad', 'bad-piece']]);
});

test('fetches from another what one promised and does not send', async () => {
  const download = await start([network.add('mute', { withholds: true }), network.add('good')]);
  await reaches(download, 'done');
  expect(await bytesOf(handedOver[0]!)).toEqual(share.file(1));
});

test('fails when nobody is left, and says what was wrong with whom', async () => {
  const download = await start([network.add('bad', { spoils: true }), aMember('dead', { port: 1 })]);
  await reaches(download, 'failed');
  const { problem, troubles } = download.state;
  expect(problem?.code).toBe('peer-unreachable');
  expect(troubles.map(({ name }) => name)).toEqual(['bad', 'dead']);
  expect(handedOver).toEqual([]);
});

test('waits when nobody is there, and when nobody linked has what it lacks', async () => {
  const download = await start([]);
  expect(download.state.phase).toBe('linking');
  download.know([network.add('a')]);
  await reaches(download, 'done');
});

test('hands over nothing that as a whole is not what the share says', async () => {
  const { info, document } = share.metainfo;
  const files = info.files.map((file, index) => (index === 1 ? { ...file, sha256: 'a'.repeat(64) } : file));
  const pieces = Array.from({ length: share.metainfo.layout.pieceCount }, (_, piece) => share.metainfo.digestOf(piece));
  const digests = new Uint8Array(pieces.flatMap((digest) => [...digest]));
  const { announce } = document;
  const metainfo = createMetainfo({ announce, name: info.name, pieceLength: info.pieceLength, files, digests });
  network = new FakeNetwork({ ...share, metainfo });
  const download = await start([network.add('a')], { metainfo });
  await reaches(download, 'failed');
  expect(download.state.problem?.code).toBe('content-mismatch');
  expect(handedOver).toEqual([]);
});

test('has an empty file at once, from nobody', async () => {
  const download = await start([], { file: 3 });
  await reaches(download, 'done');
  expect([network.dialled, handedOver[0]!.size]).toEqual([[], 0]);
});

test('takes away what was written and closes its links when it is cancelled', async () => {
  let isDiscarded = false;
  const sink: Sink = { ...(await memory()), discard: () => Promise.resolve(void (isDiscarded = true)) };
  const download = await start([network.add('mute', { withholds: true })], { sink });
  await reaches(download, 'fetching');
  await download.cancel();
  await settle();
  expect([isDiscarded, download.state.phase, network.visits[0]!.isClosed]).toEqual([true, 'cancelled', true]);
  const dialled = network.dialled.length;
  clock.pass(60_000);
  expect(network.dialled).toHaveLength(dialled);
});

test('ends with what the disk says when it refuses', async () => {
  const sink: Sink = {
    ...(await memory()),
    write: () => Promise.reject(new DOMException('full', 'QuotaExceededError')),
  };
  const download = await start([network.add('a')], { sink });
  await reaches(download, 'failed');
  expect(download.state.problem?.code).toBe('storage-failed');
});
