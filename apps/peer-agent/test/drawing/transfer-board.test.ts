import { expect, test } from 'vitest';
import { Output } from '../../src/drawing/output.ts';
import { TransferBoard } from '../../src/drawing/transfer-board.ts';
import { aTransfer, hashNumber, plainScreen } from '../samples.ts';

function aBoard(): { board: TransferBoard; said: () => string } {
  const { screen, stderr } = plainScreen();
  return { board: new TransferBoard(new Output(screen, {}), () => true), said: () => stderr.text };
}

test('does not say that nobody has a share before it had time to find its peers', () => {
  const { board, said } = aBoard();
  const waiting = aTransfer({ state: 'waiting' });
  board.begin(waiting);
  board.update([waiting], 0);
  board.update([waiting], 1_000);
  expect(said()).toBe('');
  board.update([waiting], 2_000);
  expect(said()).toContain('waiting: nobody who has it is online');
});

test('tells the end of a download that was never seen moving', () => {
  const { board, said } = aBoard();
  board.begin(aTransfer({ state: 'waiting' }));
  board.update([aTransfer({ state: 'seeding' })], 0);
  expect(said()).toBe('photos: complete and verified: /data/photos\n');
});

test('writes a line now and then where lines cannot be redrawn', () => {
  const { board, said } = aBoard();
  board.update([aTransfer()], 0);
  const before = said();
  board.update([aTransfer()], performance.now() + 5_000);
  expect(said()).toBe(before);
  board.update([aTransfer()], performance.now() + 11_000);
  expect(said().slice(before.length)).toContain('50.0 %');
});

test('tells the trouble with a tracker once for all shares', () => {
  const { board, said } = aBoard();
  const problem = { code: 'tracker-unreachable', message: 'nobody there', hint: 'Start it.' };
  const shares = [1, 2, 3].map((number) => aTransfer({ infoHash: hashNumber(number), state: 'seeding', problem }));
  board.update(shares, 0);
  expect(said().match(/nobody there/g)).toHaveLength(1);
});
