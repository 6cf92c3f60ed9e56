import { expect, it } from 'vitest';
import { takesThePlace } from '../../src/core/duplicate-links.ts';

it.each([
  // newer is ours, older is ours, one of several, our id is smaller: takes the place
  [true, false, false, true, true],
  [true, false, true, false, false],
  [false, true, false, true, false],
  [false, true, false, false, true],
  [true, true, false, true, true],
  [false, false, false, false, true],
  [true, true, true, true, false],
  [true, true, true, false, false],
])(
  'a newer link (ours: %s) after one (ours: %s), one of several: %s, smaller id: %s, takes its place: %s',
  (...row) => {
    const [isOutgoing, isOlderOutgoing, isOneOfSeveral, isOurIdSmaller, expected] = row;
    expect(takesThePlace({ isOutgoing, isOneOfSeveral }, { isOutgoing: isOlderOutgoing }, isOurIdSmaller)).toBe(
      expected,
    );
  },
);
