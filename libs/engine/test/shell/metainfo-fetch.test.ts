import { encodeMetainfo, LIMITS } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { zeroShare } from '@shoal/engine/testing';
import { MetainfoFetch } from '../../src/shell/metainfo-fetch.ts';
import { FakeClock, settled } from '../../src/testing/fake-clock.ts';
import { aPeerLink } from './fake-link.ts';

const SHARE = zeroShare(1_000);
const OTHER = zeroShare(2_000);

let clock: FakeClock;
let fetch: MetainfoFetch;
let isEntered: boolean;
beforeEach(() => {
  clock = new FakeClock();
  isEntered = false;
  fetch = new MetainfoFetch(clock, () => isEntered);
});

/** A linked peer whose messages about swarms go to the fetch. */
function aPeer() {
  const { link, peerLink } = aPeerLink(clock);
  link.sayHello();
  return { link, peerLink };
}

const document = encodeMetainfo(SHARE);

it('enters the swarm everywhere, asks whoever is in it too, and leaves with the first answer', async () => {
  const [near, far] = [aPeer(), aPeer()];
  const metainfo = fetch.fetch(SHARE.infoHash, [near.peerLink, far.peerLink]);
  near.link.say({ kind: 'join', channel: 0, infoHash: SHARE.infoHash });
  fetch.joined(near.peerLink, SHARE.infoHash);
  fetch.heard(near.peerLink, SHARE.infoHash, { kind: 'bitfield', bits: '' });
  fetch.heard(near.peerLink, SHARE.infoHash, { kind: 'metainfo', document });
  expect((await metainfo).infoHash).toBe(SHARE.infoHash);
  expect(near.link.sent.map(({ kind }) => kind)).toEqual(['hello', 'join', 'metainfo?', 'leave']);
  expect(far.link.sent.map(({ kind }) => kind)).toEqual(['hello', 'join', 'leave']);
  expect(clock.openTimers).toBe(0);
});

it('does not leave a swarm that we have entered for its pieces meanwhile', async () => {
  const { link, peerLink } = aPeer();
  const metainfo = fetch.fetch(SHARE.infoHash, [peerLink]);
  fetch.joined(peerLink, SHARE.infoHash);
  isEntered = true;
  fetch.heard(peerLink, SHARE.infoHash, { kind: 'metainfo', document });
  await metainfo;
  expect(link.sent.map(({ kind }) => kind)).not.toContain('leave');
});

it('asks once for all who want the same', async () => {
  const { link, peerLink } = aPeer();
  const wanted = [fetch.fetch(SHARE.infoHash, [peerLink]), fetch.fetch(SHARE.infoHash, [peerLink])];
  fetch.joined(peerLink, SHARE.infoHash);
  fetch.heard(peerLink, SHARE.infoHash, { kind: 'metainfo', document });
  expect((await Promise.all(wanted)).map(({ infoHash }) => infoHash)).toEqual([SHARE.infoHash, SHARE.infoHash]);
  expect(link.sent.map(({ kind }) => kind)).toEqual(['hello', 'join', 'metainfo?', 'leave']);
  const again = fetch.fetch(SHARE.infoHash, []).catch((error: unknown) => (error as { code: string }).code);
  await clock.pass(1);
  expect(await again).toBe('unknown-share');
});

describe('gives up', () => {
  it.each([
    ['at once when nobody is linked', 0, 0],
    ['when nobody has answered in time', 1, LIMITS.trackerReplyMs],
  ])('%s', async (_what, peerCount, afterMs) => {
    const links = Array.from({ length: peerCount }, () => aPeer().peerLink);
    let code: string | undefined;
    fetch.fetch(SHARE.infoHash, links).catch((error: unknown) => (code = (error as { code: string }).code));
    await clock.pass(Math.max(0, afterMs - 1));
    if (afterMs > 0) expect(code).toBeUndefined();
    await clock.pass(1);
    await settled();
    expect(code).toBe('unknown-share');
  });
});

describe('a metainfo', () => {
  it('of another share is refused, and the right one still taken', async () => {
    const [liar, honest] = [aPeer(), aPeer()];
    const metainfo = fetch.fetch(SHARE.infoHash, [liar.peerLink, honest.peerLink]);
    for (const { peerLink } of [liar, honest]) fetch.joined(peerLink, SHARE.infoHash);
    expect(() => {
      fetch.heard(liar.peerLink, SHARE.infoHash, { kind: 'metainfo', document: encodeMetainfo(OTHER) });
    }).toThrow(expect.objectContaining({ code: 'wrong-info-hash' }) as Error);
    fetch.heard(honest.peerLink, SHARE.infoHash, { kind: 'metainfo', document });
    expect((await metainfo).infoHash).toBe(SHARE.infoHash);
  });

  it('that nobody asked for is ignored', () => {
    const { peerLink } = aPeer();
    fetch.joined(peerLink, SHARE.infoHash);
    expect(() => {
      fetch.heard(peerLink, SHARE.infoHash, { kind: 'metainfo', document: 'garbage' });
    }).not.toThrow();
  });
});
