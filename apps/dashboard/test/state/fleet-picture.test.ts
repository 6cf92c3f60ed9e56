import type { FleetNews } from '@shoal/client/fleet';
import type { View } from '@shoal/protocol';
import { expect, it } from 'vitest';
import { connect, emptyPicture, hear, turnTo, type FleetPicture } from '../../src/state/fleet-picture.ts';
import { factsOf, INFO_HASH, membersMessage, NOW_MS, peerId, told } from './pictures.ts';

const OVERVIEW: View = { at: 'overview', query: '' };
const SHARE: View = { at: 'share', infoHash: INFO_HASH };
const MACHINE: View = { at: 'machine', peerId: peerId('web-1') };
const share: FleetNews = { kind: 'share', ...factsOf(4) };

const overview: FleetNews = {
  kind: 'overview',
  query: '',
  shares: [],
  hasMore: false,
  totals: { shares: 1, machines: 2, receivedBytesPerSecond: 3, sentBytesPerSecond: 4 },
  throughput: [7, 8],
};
function machine(name: string): FleetNews {
  const { peerId: id, agent, host, port } = told(name);
  const holding = {
    infoHash: INFO_HASH,
    state: 'seeding',
    left: 0,
    sentBytesPerSecond: 1,
    name: 'x',
    length: 9,
  } as const;
  return {
    kind: 'machine',
    machine: { peerId: id, name, agent, host, port },
    holdings: [{ ...holding, receivedBytesPerSecond: 6, sentBytesPerSecond: 3 }],
    lastWords: [],
  };
}

function after(view: View, ...messages: FleetNews[]): FleetPicture {
  return messages.reduce((picture, message) => hear(picture, message, NOW_MS), emptyPicture(view));
}

it('dates the throughput back from now', () => {
  expect(after(OVERVIEW, overview).overview?.history).toEqual([
    { atMs: NOW_MS - 1_000, bytesPerSecond: 7 },
    { atMs: NOW_MS, bytesPerSecond: 8 },
  ]);
});

it('knows a share and its machines', () => {
  const picture = after(SHARE, share, membersMessage([told('web-1')]));
  expect(picture.share?.facts.name).toBe('film.bin');
  expect(picture.share?.members.size).toBe(1);
});

it('knows a machine and what it receives and sends in all', () => {
  const picture = after(MACHINE, machine('web-1'));
  expect(picture.machine?.machine.name).toBe('web-1');
  expect(picture.machine?.received).toEqual([{ atMs: NOW_MS, bytesPerSecond: 6 }]);
  expect(picture.machine?.sent).toEqual([{ atMs: NOW_MS, bytesPerSecond: 3 }]);
});

it.each<[string, View, FleetNews[]]>([
  ['a share', OVERVIEW, [share, membersMessage([told('web-1')])]],
  ['members before their share', SHARE, [membersMessage([told('web-1')])]],
  ['another machine', MACHINE, [machine('web-2')]],
])('passes over %s that it does not look at', (_title, view, messages) => {
  expect(after(view, ...messages)).toMatchObject({ share: undefined, machine: undefined });
});

it('forgets a share when it looks at another, not when it looks at the same again', () => {
  const picture = after(SHARE, share);
  expect(turnTo(picture, SHARE).share).toBe(picture.share);
  expect(turnTo(picture, { at: 'share', infoHash: 'b'.repeat(64) as typeof INFO_HASH }).share).toBeUndefined();
});

it('says what is missing until it is there', () => {
  const picture = after(SHARE, { kind: 'missing' });
  expect(picture.isMissing).toBe(true);
  expect(hear(picture, share, NOW_MS).isMissing).toBe(false);
  expect(turnTo(picture, MACHINE).isMissing).toBe(false);
});

it('keeps what it knows while the connection is lost', () => {
  const picture = connect(after(OVERVIEW, overview), { kind: 'connecting' });
  expect(picture.overview?.totals.machines).toBe(2);
});

it('notices that the tracker was updated, and goes on noticing', () => {
  const welcome = (version: string): FleetNews => ({ kind: 'welcome', version });
  expect(after(OVERVIEW, welcome('1.0.0'), welcome('1.0.0')).isOutdated).toBe(false);
  expect(after(OVERVIEW, welcome('1.0.0'), welcome('1.1.0'), welcome('1.1.0')).isOutdated).toBe(true);
});
