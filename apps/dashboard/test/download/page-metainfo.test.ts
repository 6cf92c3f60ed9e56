import { encodeMetainfo, LIMITS } from '@shoal/protocol';
import { expect, test } from 'vitest';
import { loadMetainfo } from '../../src/download/page-metainfo.ts';
import { sampleShare } from './sample-share.ts';

const { metainfo } = sampleShare([10]);
const never = new AbortController().signal;

function load(answer: () => Promise<Response>, asked: string[] = []) {
  const fetch = (url: URL): Promise<Response> => {
    asked.push(url.href);
    return answer();
  };
  return loadMetainfo(metainfo.infoHash, never, { base: 'https://shoal.example/swarms/#/share', fetch });
}

const answering =
  (body: BodyInit, status = 200) =>
  (): Promise<Response> =>
    Promise.resolve(new Response(body, { status }));

test('asks below the address of the page, and takes what proves itself by its hash', async () => {
  const asked: string[] = [];
  const loaded = await load(answering(encodeMetainfo(metainfo)), asked);
  expect(loaded.infoHash).toBe(metainfo.infoHash);
  expect(asked).toEqual([`https://shoal.example/swarms/v1/shares/${metainfo.infoHash}`]);
});

test.each([
  ['another share', answering(encodeMetainfo(sampleShare([11]).metainfo)), 'wrong-info-hash'],
  ['what is no metainfo', answering('{}'), 'bad-metainfo'],
  ['what is too long', answering(' '.repeat(LIMITS.metainfoBytes + 1)), 'too-large'],
  ['404', answering('', 404), 'unknown-share'],
  ['another status', answering('', 503), 'tracker-refused'],
  ['nothing', () => Promise.reject(new TypeError('failed to fetch')), 'tracker-unreachable'],
])('refuses %s', async (_what, answer, code) => {
  await expect(load(answer)).rejects.toMatchObject({ code });
});
