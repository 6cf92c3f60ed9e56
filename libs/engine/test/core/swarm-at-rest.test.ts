import { describe, expect, it } from 'vitest';
import { aPeerId, SwarmUnderTest } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];

describe('a swarm is at rest', () => {
  it('as long as it has no peers', () => {
    expect(new SwarmUnderTest().swarm.isAtRest).toBe(true);
  });

  it('when it is complete and none of its peers wants anything', () => {
    const source = new SwarmUnderTest({ have: 'all' });
    source.join(anne, 'all');
    source.join(bert, 'all');
    expect(source.swarm.isAtRest).toBe(true);
  });

  it('not while a piece is lacking', () => {
    const leecher = new SwarmUnderTest({ have: [0] });
    leecher.join(anne, [0]);
    expect(leecher.swarm.isAtRest).toBe(false);
  });

  it('not while a peer wants something, or has not answered an offer', () => {
    const source = new SwarmUnderTest({ have: 'all' });
    source.join(anne);
    expect(source.swarm.isAtRest).toBe(false);
    source.hear(anne, { kind: 'notInterested' });
    expect(source.window.usedBytes).toBeGreaterThan(0);
    expect(source.swarm.isAtRest).toBe(false);
    source.handle({ kind: 'peer-left', peerId: anne });
    expect(source.swarm.isAtRest).toBe(true);
  });
});
