import { LIMITS } from '@shoal/protocol';
import { beforeEach, expect, it } from 'vitest';
import { Outbox } from '../../src/core/outbox.ts';
import { aPeerId, saidTo } from './swarm-under-test.ts';

const [anne, bert] = [aPeerId(1), aPeerId(2)];
let outbox: Outbox;
beforeEach(() => {
  outbox = new Outbox();
});

it('joins the pieces of one kind to one peer into one message', () => {
  outbox.sendPiece(anne, 'have', 1);
  outbox.sendPiece(bert, 'have', 1);
  outbox.sendPiece(anne, 'offer', 7);
  outbox.sendPiece(anne, 'have', 2);
  const effects = outbox.take();
  expect(saidTo(effects, anne)).toEqual([
    { kind: 'have', pieces: [1, 2] },
    { kind: 'offer', pieces: [7] },
  ]);
  expect(saidTo(effects, bert)).toEqual([{ kind: 'have', pieces: [1] }]);
});

it('keeps refusals for different reasons apart', () => {
  outbox.decline(anne, 1, 'have');
  outbox.decline(anne, 2, 'promised');
  outbox.decline(anne, 3, 'have');
  expect(saidTo(outbox.take())).toEqual([
    { kind: 'decline', pieces: [1, 3], reason: 'have' },
    { kind: 'decline', pieces: [2], reason: 'promised' },
  ]);
});

it('says which promises are new and which are over', () => {
  outbox.expect(anne, 'add', 1);
  outbox.expect(anne, 'drop', 2);
  outbox.expect(anne, 'add', 3);
  expect(saidTo(outbox.take())).toEqual([
    { kind: 'expect', add: [1, 3], drop: [] },
    { kind: 'expect', add: [], drop: [2] },
  ]);
});

it.each([
  [LIMITS.listEntries, [LIMITS.listEntries]],
  [LIMITS.listEntries + 1, [LIMITS.listEntries, 1]],
  [2 * LIMITS.listEntries + 5, [LIMITS.listEntries, LIMITS.listEntries, 5]],
])('cuts %i pieces into messages of allowed length', (count, lengths) => {
  for (let piece = 0; piece < count; piece++) outbox.sendPiece(anne, 'have', piece);
  const pieces = saidTo(outbox.take()).map((message) => (message.kind === 'have' ? message.pieces : []));
  expect(pieces.map((list) => list.length)).toEqual(lengths);
  expect(pieces.flat()).toEqual(Array.from({ length: count }, (_, piece) => piece));
});

it('cuts lists of blocks into messages of allowed length', () => {
  const blocks = Array.from({ length: LIMITS.listEntries + 1 }, (_, piece) => ({ piece, begin: 0, length: 9 }));
  outbox.sendBlocks(anne, 'request', blocks);
  const lists = saidTo(outbox.take()).map((message) => (message.kind === 'request' ? message.blocks : []));
  expect(lists.map((list) => list.length)).toEqual([LIMITS.listEntries, 1]);
  expect(lists.flat().at(-1)).toEqual([LIMITS.listEntries, 0, 9]);
});

it('sends no message for no blocks', () => {
  outbox.sendBlocks(anne, 'cancel', []);
  expect(outbox.take()).toEqual([]);
});

it('hands everything over once', () => {
  outbox.sendPiece(anne, 'have', 1);
  outbox.add({ kind: 'finish' });
  expect(outbox.take()).toHaveLength(2);
  expect(outbox.take()).toEqual([]);
  outbox.sendPiece(anne, 'have', 2);
  expect(saidTo(outbox.take())).toEqual([{ kind: 'have', pieces: [2] }]);
});
