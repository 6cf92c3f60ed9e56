import { sampleShare } from '@shoal/engine/testing';
import { peerIdSchema } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { progressOf } from '../src/catalogue.ts';

const peerId = peerIdSchema.parse('a'.repeat(64));
const share = sampleShare({ film: 1_000 }, { name: 'film' }).metainfo;

describe('the progress of a swarm', () => {
  it('is how far those are on average who still lack something', () => {
    expect(progressOf([share], [swarm(0, 800, 600)])).toBeCloseTo(0.3);
  });

  it('is unknown while nobody downloads', () => {
    expect(progressOf([share], [swarm(0)])).toBeUndefined();
    expect(progressOf([], [])).toBeUndefined();
  });
});

function swarm(...lefts: readonly number[]): Parameters<typeof progressOf>[1][number] {
  return { infoHash: share.infoHash, peers: lefts.map((left) => ({ peerId, host: '192.0.2.1', port: 1, left })) };
}
