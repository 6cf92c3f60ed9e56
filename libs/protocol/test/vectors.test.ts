import { expect, it } from 'vitest';
import { vectorGroups } from './vectors.ts';

it('has a test for every group of vectors', () => {
  expect(vectorGroups().sort()).toEqual([
    'fleet-messages',
    'links',
    'metainfo',
    'paths',
    'peer-messages',
    'tracker-messages',
  ]);
});
