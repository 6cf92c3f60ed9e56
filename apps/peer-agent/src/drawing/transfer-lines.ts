/** How one share is shown: a line that is redrawn while it moves, and what is said when something changes. */
import type { Transfer } from '@shoal/protocol';
import cliTruncate from 'cli-truncate';
import type { Colours } from './colours.ts';
import { safeText } from './safe-text.ts';
import { drawBytes, drawCount, drawPercent, drawRate, drawSeconds } from './units.ts';

/** Where a line is to be shown. */
export interface Frame {
  readonly columns: number;
  readonly colours: Colours;
}

const BAR_CELLS = 20;
const NAME_CELLS = 28;
export const WAITING = 'waiting: nobody who has it is online; it begins by itself';

/** One line that says how far a share is, fitted into the frame. */
export function drawTransferLine(transfer: Transfer, { columns, colours }: Frame): string {
  const name = cliTruncate(safeText(transfer.name), NAME_CELLS, { position: 'middle' });
  const parts = [colours.bold(name), ...drawProgress(transfer, colours)];
  return cliTruncate(parts.join('  '), Math.max(1, columns - 2));
}

/** One line that says how much of a known whole is done, as while hashing. */
export function drawWorkLine(work: Work, { columns, colours }: Frame): string {
  const bar = drawBar(work.doneBytes / Math.max(1, work.totalBytes), colours);
  const left = work.bytesPerSecond > 0 ? (work.totalBytes - work.doneBytes) / work.bytesPerSecond : undefined;
  const parts = [
    `${work.what} ${colours.bold(cliTruncate(safeText(work.name), NAME_CELLS, { position: 'middle' }))}`,
    bar,
    drawPercent(work.doneBytes, work.totalBytes),
    drawRate(work.bytesPerSecond),
    ...(left === undefined ? [] : [`${drawSeconds(left)} left`]),
  ];
  return cliTruncate(parts.join('  '), Math.max(1, columns - 2));
}

/** Work on local files: what is being done, to what, and how far it is. */
export interface Work {
  readonly what: string;
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}

function drawProgress(transfer: Transfer, colours: Colours): string[] {
  const bar = drawBar(transfer.verifiedBytes / Math.max(1, transfer.length), colours);
  const percent = drawPercent(transfer.verifiedBytes, transfer.length);
  switch (transfer.state) {
    case 'checking':
      return [bar, percent, 'checking the files'];
    case 'waiting':
      return [bar, percent, colours.yellow(WAITING)];
    case 'downloading':
      return [bar, percent, ...drawPace(transfer)];
    case 'seeding':
      return [colours.green('seeding'), `to ${drawCount(transfer.connectedPeers, 'peer')}`, ...drawSent(transfer)];
    case 'failed':
      return [percent, colours.red(`failed: ${safeText(transfer.problem?.message ?? 'no reason given')}`)];
  }
}

function drawPace(transfer: Transfer): string[] {
  return [
    drawRate(transfer.receivedBytesPerSecond),
    ...(transfer.secondsLeft === undefined ? [] : [`${drawSeconds(transfer.secondsLeft)} left`]),
    `from ${drawCount(transfer.sendingPeers, 'peer')}`,
  ];
}

function drawSent(transfer: Transfer): string[] {
  return [drawRate(transfer.sentBytesPerSecond), `sent ${drawBytes(transfer.sentBytes)}`];
}

function drawBar(ratio: number, colours: Colours): string {
  const full = Math.floor(Math.min(1, Math.max(0, ratio)) * BAR_CELLS);
  return colours.cyan('█'.repeat(full)) + colours.dim('░'.repeat(BAR_CELLS - full));
}

/**
 * What is worth saying when a share has changed, one entry a line.
 * @param before undefined when the share was not there
 */
export function drawChanges(before: Transfer | undefined, after: Transfer, colours: Colours): string[] {
  const news = [...drawProblem(before, after, colours), ...drawNewState(before, after)];
  return news.map((text) => `${colours.bold(safeText(after.name))}: ${text}`);
}

function drawProblem(before: Transfer | undefined, { problem, state }: Transfer, colours: Colours): string[] {
  if (problem === undefined) return before?.problem === undefined ? [] : ['the trouble is over'];
  if (problem.message === before?.problem?.message) return [];
  const message = `${safeText(problem.message)}\n  ${safeText(problem.hint)}`;
  return [state === 'failed' ? `${colours.red('failed')}: ${message}` : message];
}

function drawNewState(before: Transfer | undefined, after: Transfer): string[] {
  if (before?.state === after.state) return [];
  switch (after.state) {
    case 'waiting':
      return [WAITING];
    case 'downloading':
      return [`downloading, ${drawPercent(after.verifiedBytes, after.length)} are here`];
    case 'seeding':
      return before === undefined ? [] : [`complete and verified: ${safeText(after.path)}`];
    case 'checking':
    case 'failed':
      return [];
  }
}
