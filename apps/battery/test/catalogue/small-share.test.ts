import { parseMetainfo } from '@shoal/protocol';
import { expect, it } from 'vitest';
import { smallShare } from '../../src/catalogue/small-share.ts';

it.each([8, 9])('small share %i is one that everybody accepts, under its own info hash', (number) => {
  const { document, infoHash, name, paths } = smallShare(number);
  const metainfo = parseMetainfo(document);
  expect(metainfo).toMatchObject({ infoHash, info: { name }, isSingleFile: paths.length === 0 });
  expect(smallShare(number)).toEqual(smallShare(number));
  expect(smallShare(number + 1).infoHash).not.toBe(infoHash);
});
