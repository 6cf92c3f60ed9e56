import {
  createMetainfo,
  encodePeerMessage,
  LIMITS,
  parsePeerMessage,
  type Metainfo,
  type Sha256Hex,
} from '@shoal/protocol';
import { SimWorld } from '@shoal/engine/testing';
import { describe, expect, it } from 'vitest';
import { PeerSearch } from '../../src/shell/peer-search.ts';
import { FakeClock } from '../../src/testing/fake-clock.ts';
import { aPeerId, aPeerLink } from './fake-link.ts';

const SHA256 = '0'.repeat(64) as Sha256Hex;

function aShare(name: string, paths: readonly string[]): Metainfo {
  return createMetainfo({
    announce: 'http://tracker:8000',
    name,
    pieceLength: 262_144,
    files: paths.map((path) => ({ path: path.split('/'), length: 1, sha256: SHA256 })),
    digests: new Uint8Array(32),
  });
}

function searchOf(shares: readonly Metainfo[]): PeerSearch {
  return new PeerSearch(new SimWorld(1).clock, () => shares);
}

describe('matches', () => {
  it('finds shares by their name or by a path, in any case', () => {
    const search = searchOf([aShare('Photos', ['2026/Fish.jpg']), aShare('fishing', ['a']), aShare('music', ['b'])]);
    const found = search.matches('fiSH');
    expect(found.map(({ name, files }) => ({ name, files }))).toEqual([
      { name: 'Photos', files: ['2026/Fish.jpg'] },
      { name: 'fishing', files: [] },
    ]);
  });

  it('names ten files of a share, and no more', () => {
    const paths = Array.from({ length: 11 }, (_, at) => `fish-${String(at)}`);
    expect(searchOf([aShare('a', paths)]).matches('fish')[0]?.files).toEqual(paths.slice(0, 10));
  });

  it('answers a hundred shares, and no more', () => {
    const shares = Array.from({ length: LIMITS.searchPage + 1 }, (_, at) => aShare(`fish-${String(at)}`, ['a']));
    expect(searchOf(shares).matches('fish')).toHaveLength(LIMITS.searchPage);
  });

  it('answers as many shares as one message holds', () => {
    const paths = Array.from({ length: 10 }, (_, at) => `${'魚'.repeat(80)}/${String(at)}`);
    const shares = Array.from({ length: LIMITS.searchPage }, (_, at) => aShare(`fish-${String(at)}`, paths));
    const found = searchOf(shares).matches('魚');
    const message = encodePeerMessage({ kind: 'found', id: 0xffff_ffff, shares: found });
    expect(parsePeerMessage(message)).toMatchObject({ shares: found });
    expect(found.length).toBeGreaterThan(20);
    expect(new TextEncoder().encode(message).length).toBeGreaterThan(LIMITS.controlMessageBytes * 0.9);
  });
});

describe('ask', () => {
  const clock = new FakeClock();
  const search = new PeerSearch(clock, () => []);
  const aLinkedPeer = (n: number) => {
    const { link, peerLink } = aPeerLink(clock);
    link.sayHello(aPeerId(n), 7_000 + n);
    return { link, peerLink };
  };
  const idAskedOf = ({ link }: ReturnType<typeof aLinkedPeer>): number => {
    const question = link.sent.find((message) => message.kind === 'search');
    return question?.id ?? Number.NaN;
  };
  const hit = { infoHash: aShare('fish', ['a']).infoHash, name: 'fish', length: 1, files: [] };

  it('answers at once when nobody is linked', async () => {
    expect(await search.ask('fish', [])).toEqual([]);
  });

  it('answers when everybody has, with where each hit comes from', async () => {
    const [one, two] = [aLinkedPeer(1), aLinkedPeer(2)];
    const answers = search.ask('fish', [one.peerLink, two.peerLink]);
    expect(one.link.sent.at(-1)).toMatchObject({ kind: 'search', query: 'fish' });
    search.found(two.peerLink, idAskedOf(two), [hit]);
    search.found(one.peerLink, idAskedOf(one), []);
    expect(await answers).toEqual([
      { host: '10.0.0.9', port: 7_002, shares: [hit] },
      { host: '10.0.0.9', port: 7_001, shares: [] },
    ]);
    expect(clock.openTimers).toBe(0);
  });

  it('answers without those that are silent for two seconds', async () => {
    const [one, two] = [aLinkedPeer(1), aLinkedPeer(2)];
    const answers = search.ask('fish', [one.peerLink, two.peerLink]);
    search.found(one.peerLink, idAskedOf(one), [hit]);
    await clock.pass(2_000);
    expect(await answers).toHaveLength(1);
    search.found(two.peerLink, idAskedOf(two), [hit]);
  });

  it('answers without those whose link closes', async () => {
    const [one, two] = [aLinkedPeer(1), aLinkedPeer(2)];
    const answers = search.ask('fish', [one.peerLink, two.peerLink]);
    search.found(one.peerLink, idAskedOf(one), [hit]);
    search.forget(two.peerLink);
    expect(await answers).toHaveLength(1);
    expect(clock.openTimers).toBe(0);
  });

  it('takes one answer of each, to the question that it asked', async () => {
    const [one, two] = [aLinkedPeer(1), aLinkedPeer(2)];
    const answers = search.ask('fish', [one.peerLink]);
    search.found(one.peerLink, idAskedOf(one) + 1, [hit]);
    search.found(two.peerLink, idAskedOf(one), [hit]);
    search.found(one.peerLink, idAskedOf(one), []);
    search.found(one.peerLink, idAskedOf(one), [hit]);
    expect(await answers).toMatchObject([{ shares: [] }]);
  });
});
