import type { PieceStore } from '@shoal/engine';
import { beforeEach, expect, test } from 'vitest';
import { MovableStore } from '../../src/agent/movable-store.ts';
import { settled } from '@shoal/engine/testing';

const block = { piece: 0, begin: 0, length: 1 };
let calls: string[];
let endRead: () => void;

beforeEach(() => {
  calls = [];
  endRead = () => undefined;
});

function aStore(name: string): PieceStore {
  const note = (call: string): Promise<void> => {
    calls.push(`${call} ${name}`);
    return Promise.resolve();
  };
  return {
    readBlock: () => {
      calls.push(`read ${name}`);
      return new Promise((resolve) => {
        endRead = () => {
          calls.push(`has read ${name}`);
          resolve(new Uint8Array(1));
        };
      });
    },
    writePiece: () => note('write'),
    finish: () => note('finish'),
    close: () => note('close'),
  };
}

function moving(store: MovableStore, move: () => Promise<void> = () => Promise.resolve()): Promise<void> {
  return store.relocate(
    () => {
      calls.push('move');
      return move();
    },
    () => {
      calls.push('reopen');
      return Promise.resolve(aStore('new'));
    },
  );
}

test('waits for those who read, and lets go of the files before they move', async () => {
  const store = new MovableStore(aStore('old'));
  const read = store.readBlock(block);
  const moved = moving(store);
  await settled();
  expect(calls).toEqual(['read old']);
  endRead();
  await Promise.all([read, moved]);
  expect(calls).toEqual(['read old', 'has read old', 'close old', 'move', 'reopen']);
});

test('who comes while it moves reads at the new place', async () => {
  const store = new MovableStore(aStore('old'));
  let endMove: () => void = () => undefined;
  const moved = moving(store, () => new Promise((resolve) => (endMove = resolve)));
  await settled();
  const read = store.readBlock(block);
  await settled();
  expect(calls).not.toContain('read new');
  endMove();
  await moved;
  await settled();
  endRead();
  await read;
  expect(calls.slice(-2)).toEqual(['read new', 'has read new']);
});

test('can be read again after a move that failed', async () => {
  const store = new MovableStore(aStore('old'));
  await expect(moving(store, () => Promise.reject(new Error('no room')))).rejects.toThrow('no room');
  void store.readBlock(block);
  await settled();
  expect(calls).toEqual(['close old', 'move', 'reopen', 'read new']);
});

test('is closed only when it has moved', async () => {
  const store = new MovableStore(aStore('old'));
  let endMove: () => void = () => undefined;
  const moved = moving(store, () => new Promise((resolve) => (endMove = resolve)));
  await settled();
  const closed = store.close();
  await settled();
  expect(calls).not.toContain('close new');
  endMove();
  await Promise.all([moved, closed]);
  expect(calls.at(-1)).toBe('close new');
});
