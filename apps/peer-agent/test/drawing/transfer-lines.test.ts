import pc from 'picocolors';
import stringWidth from 'string-width';
import type { Transfer } from '@shoal/protocol';
import { expect, test } from 'vitest';
import type { Frame } from '../../src/drawing/frame.ts';
import { drawNews, drawTransferLines, drawWorkLine } from '../../src/drawing/transfer-lines.ts';
import { aTransfer, hashNumber } from '../samples.ts';

const plain = pc.createColors(false);
const toPlain = { colours: plain, isLive: false };
const frame: Frame = { columns: 120, colours: plain };
const drawTransferLine = (transfer: Transfer, where: Frame): string => drawTransferLines([transfer], where)[0]!;
const problem = { code: 'disk-full', message: 'writing photos: no space', hint: 'Free some space.' };

test('says percent, rate, time left and from how many peers', () => {
  expect(drawTransferLine(aTransfer(), frame)).toBe(
    'photos  ██████████░░░░░░░░░░  50.0 %  100 B/s  5s left  from 2 peers',
  );
});

test('does not call a download complete before it is', () => {
  expect(drawTransferLine(aTransfer({ length: 1_000_000, verifiedBytes: 999_999 }), frame)).toContain('99.9 %');
});

test('says that nobody who has it is online', () => {
  expect(drawTransferLine(aTransfer({ state: 'waiting' }), frame)).toContain('nobody who has it is online');
});

test.each<[string, NonNullable<Transfer['nobodyHas']>]>([
  ['piece 7', { count: 1, ranges: [[7, 7]] }],
  ['pieces 811 to 812', { count: 2, ranges: [[811, 812]] }],
  [
    'pieces 1, 3 to 4, 6 and 5 more',
    {
      count: 9,
      ranges: [
        [1, 1],
        [3, 4],
        [6, 6],
        [8, 9],
      ],
    },
  ],
])('says that nobody has %s', (pieces, nobodyHas) => {
  const waiting = aTransfer({ state: 'waiting', nobodyHas });
  expect(drawTransferLine(waiting, { ...frame, columns: 200 })).toContain(`waiting: nobody online has ${pieces}`);
  expect(drawNews(aTransfer(), waiting, toPlain)).toEqual([`photos: waiting: nobody online has ${pieces}`]);
});

test('says to how many peers a seeder is linked', () => {
  expect(drawTransferLine(aTransfer({ state: 'seeding', connectedPeers: 1, sentBytes: 2048 }), frame)).toBe(
    'photos  seeding  to 1 peer  0 B/s  sent 2 KiB',
  );
});

test('gives the reason of a failure', () => {
  expect(drawTransferLine(aTransfer({ state: 'failed', problem }), frame)).toContain('no space');
});

test.each([10, 20, 40, 79])('fits into %i columns, whatever the name', (columns) => {
  const line = drawTransferLine(aTransfer({ name: '写真'.repeat(50) }), { columns, colours: pc.createColors(true) });
  expect(stringWidth(line)).toBeLessThan(columns);
});

test('does not let a name reach the terminal', () => {
  expect(drawTransferLine(aTransfer({ name: 'a\u001b[2Jb\nc' }), frame)).toContain('ab�c');
});

test('shows how far hashing is and how long it takes', () => {
  const work = { what: 'hashing', name: 'disk.img', doneBytes: 1024, totalBytes: 4096, bytesPerSecond: 1024 };
  expect(drawWorkLine(work, frame)).toBe('hashing disk.img  █████░░░░░░░░░░░░░░░  25.0 %  1 KiB/s  3s left');
});

test('tells a change of state once', () => {
  const waiting = aTransfer({ state: 'waiting' });
  expect(drawNews(waiting, waiting, toPlain)).toEqual([]);
  expect(drawNews(waiting, aTransfer(), toPlain)).toEqual(['photos: downloading from 3 peers']);
});

test('does not say what a live line shows already', () => {
  expect(drawNews(aTransfer({ state: 'waiting' }), aTransfer(), { colours: plain, isLive: true })).toEqual([]);
});

test('puts the bars of several shares below each other', () => {
  const [first, second] = drawTransferLines([aTransfer({ name: 'a' }), aTransfer({ name: '写真' })], frame);
  expect(first).toMatch(/^a {5}█/);
  expect(second).toMatch(/^写真 {2}█/);
});

test('tells where a finished download stands', () => {
  expect(drawNews(aTransfer(), aTransfer({ state: 'seeding' }), toPlain)).toEqual([
    'photos: complete and verified: /data/photos',
  ]);
});

test('says nothing of a share that was complete from the start', () => {
  expect(drawNews(undefined, aTransfer({ state: 'seeding' }), toPlain)).toEqual([]);
});

test('tells a problem with what to do next, and its end', () => {
  const seeding = aTransfer({ state: 'seeding' });
  const troubled = { ...seeding, problem };
  expect(drawNews(seeding, troubled, toPlain)).toEqual(['photos: writing photos: no space\n  Free some space.']);
  expect(drawNews(troubled, seeding, toPlain)).toEqual(['photos: the trouble is over']);
});

test('tells a problem once, however it is worded, until the share fails of it', () => {
  const troubled = aTransfer({ problem });
  const reworded = aTransfer({ problem: { ...problem, message: 'still no space' } });
  expect(drawNews(troubled, reworded, toPlain)).toEqual([]);
  expect(drawNews(troubled, { ...reworded, state: 'checking' }, toPlain)).toEqual([]);
  expect(drawNews(troubled, { ...reworded, state: 'failed' }, toPlain)).toHaveLength(1);
});

test('tells the trouble with a tracker in the same words for every share', () => {
  const unreachable = { code: 'tracker-unreachable', message: 'nobody there', hint: 'Start it.' };
  const [one, two] = [aTransfer(), aTransfer({ name: 'other', infoHash: hashNumber(2) })];
  const told = drawNews(one, { ...one, problem: unreachable }, toPlain);
  expect(told).toEqual(['No tracker: nobody there\n  Start it.']);
  expect(drawNews(two, { ...two, problem: unreachable }, toPlain)).toEqual(told);
  expect(drawNews({ ...two, problem: unreachable }, two, toPlain)).toEqual(['The tracker can be reached again.']);
});

test('names a failure as such', () => {
  const failed = aTransfer({ state: 'failed', problem });
  expect(drawNews(aTransfer(), failed, toPlain)[0]).toMatch(/^photos: failed: writing photos: no space/);
});
