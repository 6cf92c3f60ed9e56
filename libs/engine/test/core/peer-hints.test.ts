import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { peerHints } from '../../src/core/peer-hints.ts';

const at = (host: string, port = 1) => ({ remote: { address: { host, port } } });
const peers = ['127.0.0.1', '192.168.1.5', '198.51.100.5'].map((host) => at(host));
const hostsFor = (receiver: string): string[] => peerHints(peers, receiver).map(({ host }) => host);

describe('hints', () => {
  it('hold no address that means another machine to who gets them', () => {
    expect(hostsFor('127.0.0.1')).toEqual(['127.0.0.1', '192.168.1.5', '198.51.100.5']);
    expect(hostsFor('10.0.0.1')).toEqual(['192.168.1.5', '198.51.100.5']);
    expect(hostsFor('203.0.113.9')).toEqual(['198.51.100.5']);
  });

  it('hold nobody who accepts no links, or has not said who it is', () => {
    expect(peerHints([at('10.0.0.1', 0), { remote: undefined }], '10.0.0.2')).toEqual([]);
  });

  it('hold the latest, as many as a hand-out', () => {
    const many = Array.from({ length: LIMITS.handOutPeers + 1 }, (_, n) => at('10.0.0.1', n + 1));
    expect(peerHints(many, '10.0.0.2').map(({ port }) => port)).toEqual(
      Array.from({ length: LIMITS.handOutPeers }, (_, n) => n + 2),
    );
  });
});
