import { describe, expect, it } from 'vitest';
import { changeMembers, type SharePicture } from '../../src/state/share-picture.ts';
import { findStalls } from '../../src/state/stalls.ts';
import { bits, membersMessage, NOW_MS, peerId, range, shareOf, told } from './pictures.ts';

const COUNT = 900;
const ALL = range(0, COUNT - 1);
const without = (...pieces: number[]): ReturnType<typeof bits> =>
  bits(
    COUNT,
    ALL.filter((piece) => !pieces.includes(piece)),
  );
const waiting = (name: string, ...missing: number[]): ReturnType<typeof told> =>
  told(name, { state: 'waiting', pieces: without(...missing) });
const seeding = (name: string, port = 4_000): ReturnType<typeof told> =>
  told(name, { state: 'seeding', left: 0, port, pieces: without() });
const texts = (share: SharePicture): string[] => findStalls(share).map(({ text }) => text);

describe('a machine that waits', () => {
  it('is named with the pieces and the only one who has them', () => {
    const share = shareOf(COUNT, waiting('web-7', 811, 812), seeding('build-1', 0));
    expect(texts(share)).toEqual(['web-7 waits for pieces 811 and 812: only build-1 has them and it is unreachable']);
  });

  it('is named in the singular for one piece', () => {
    const share = shareOf(COUNT, waiting('web-7', 811), seeding('build-1', 0));
    expect(texts(share)).toEqual(['web-7 waits for piece 811: only build-1 has it and it is unreachable']);
  });

  it('is named with several that have them', () => {
    const share = shareOf(COUNT, waiting('web-7', 3, 4, 5), seeding('build-1', 0), seeding('build-2', 0));
    expect(texts(share)).toEqual([
      'web-7 waits for pieces 3–5: only build-1 and build-2 have them and they are unreachable',
    ]);
  });

  it('is told that nobody has them', () => {
    expect(texts(shareOf(COUNT, waiting('web-7', 1, 2)))).toEqual(['web-7 waits for pieces 1 and 2: nobody has them']);
  });

  it('is told who had them and has left', () => {
    let share = shareOf(COUNT, waiting('web-7', 1, 2), seeding('build-1'));
    share = changeMembers(share, membersMessage([], [peerId('build-1')]), NOW_MS);
    expect(texts(share)).toEqual(['web-7 waits for pieces 1 and 2: only build-1 had them and it has left']);
  });

  it('is told that a link is missing where somebody reachable has them', () => {
    const share = shareOf(COUNT, waiting('web-7', 1, 2), seeding('build-1'));
    expect(texts(share)).toEqual(['web-7 waits for pieces 1 and 2: build-1 has them, but there is no link to it']);
  });

  it('is not told the names of many', () => {
    const share = shareOf(COUNT, waiting('web-7', 1), ...range(1, 4).map((n) => seeding(`build-${n}`, 0)));
    expect(texts(share)).toEqual(['web-7 waits for piece 1: many have it, but there is no link to one of them']);
  });

  it('stands with all that wait for the same, in the order of their numbers', () => {
    const share = shareOf(COUNT, ...[10, 9, 8].map((n) => waiting(`web-${n}`, 5, 6)), waiting('web-7', 5));
    expect(texts(share)).toEqual([
      'web-7, web-8 and 2 others wait for piece 5: nobody has it',
      'web-8, web-9 and 1 other wait for piece 6: web-7 has it, but there is no link to it',
    ]);
  });

  it('stands once for each fate of its pieces', () => {
    const half = told('build-1', { port: 0, pieces: bits(COUNT, [811]) });
    expect(texts(shareOf(COUNT, waiting('web-7', 811, 812), half))).toEqual([
      'web-7 waits for piece 811: only build-1 has it and it is unreachable',
      'web-7 waits for piece 812: nobody has it',
    ]);
  });

  it('goes by its peer id when it gave itself no name, and never turns the direction of reading', () => {
    const nameless = { ...waiting('web-7', 1), name: '' };
    const turning = { ...seeding('x', 0), name: 'evil\u202egnp.exe' };
    expect(texts(shareOf(COUNT, nameless, turning))).toEqual([
      `${peerId('web-7').slice(0, 12)} waits for piece 1: only evil\ufffdgnp.exe has it and it is unreachable`,
    ]);
  });
});

it('names what failed first, with its problem', () => {
  const problem = { code: 'disk-full', message: 'writing piece 7: no space is left', hint: 'Free some space.' };
  const share = shareOf(COUNT, waiting('a-1', 1), told('web-9', { state: 'failed', problem }));
  expect(texts(share)).toEqual([
    'web-9 failed: writing piece 7: no space is left',
    'a-1 waits for piece 1: nobody has it',
  ]);
});

it('finds none where everything moves', () => {
  expect(findStalls(shareOf(COUNT, told('web-1'), seeding('build-1', 0)))).toEqual([]);
});
