/** How one share is shown: a line that is redrawn while it moves, and what is said when something changes. */
import type { Transfer } from '@shoal/protocol';
import widthOf from 'fast-string-width';
import type { Frame } from './frame.ts';
import { cutEnd, cutMiddle } from './layout.ts';
import { safeText } from './safe-text.ts';
import { drawBytes, drawCount, drawPercent, drawRate, drawSeconds } from './units.ts';

const BAR_CELLS = 20;
const NAME_CELLS = 28;
const NO_TRACKER = 'tracker-unreachable';
/** Ranges of pieces that a line names. */
const MOST_RANGES = 3;

/** One line for each share that says how far it is, fitted into the frame. */
export function drawTransferLines(transfers: readonly Transfer[], frame: Frame): string[] {
  const { colours } = frame;
  const names = transfers.map(({ name }) => drawName(name));
  const widest = Math.max(0, ...names.map((name) => widthOf(name)));
  return transfers.map((transfer, index) => {
    const name = names[index] ?? '';
    const padded = colours.bold(name) + ' '.repeat(widest - widthOf(name));
    return fit([padded, ...drawProgress(transfer, colours)], frame);
  });
}

/** One line that says how much of a known whole is done, as while hashing. */
export function drawWorkLine(work: Work, frame: Frame): string {
  const { colours } = frame;
  const bar = drawBar(work.doneBytes / Math.max(1, work.totalBytes), colours);
  const left = work.bytesPerSecond > 0 ? (work.totalBytes - work.doneBytes) / work.bytesPerSecond : undefined;
  const parts = [
    `${work.what} ${colours.bold(drawName(work.name))}`,
    bar,
    drawPercent(work.doneBytes, work.totalBytes),
    drawRate(work.bytesPerSecond),
    ...(left === undefined ? [] : [`${drawSeconds(left)} left`]),
  ];
  return fit(parts, frame);
}

function drawName(name: string): string {
  return cutMiddle(safeText(name), NAME_CELLS);
}

/** A wide character at the edge may take a cell more than it is counted for. */
function fit(parts: readonly string[], { columns, colours }: Frame): string {
  return cutEnd(parts.join('  '), Math.max(1, columns - 2), colours);
}

/** Work on local files: what is being done, to what, and how far it is. */
export interface Work {
  readonly what: string;
  readonly name: string;
  readonly doneBytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}

function drawProgress(transfer: Transfer, colours: Frame['colours']): string[] {
  const bar = drawBar(transfer.verifiedBytes / Math.max(1, transfer.length), colours);
  const percent = drawPercent(transfer.verifiedBytes, transfer.length);
  switch (transfer.state) {
    case 'checking':
      return [bar, percent, 'checking the files'];
    case 'waiting':
      return [bar, percent, colours.yellow(drawWaiting(transfer))];
    case 'downloading':
      return [bar, percent, ...drawPace(transfer)];
    case 'seeding':
      return [colours.green('seeding'), `to ${drawCount(transfer.connectedPeers, 'peer')}`, ...drawSent(transfer)];
    case 'failed':
      return [percent, colours.red(`failed: ${safeText(transfer.problem?.message ?? 'no reason given')}`)];
  }
}

function drawWaiting({ nobodyHas }: Transfer): string {
  if (nobodyHas === undefined) return 'waiting: nobody who has it is online; it begins by itself';
  const { count, ranges } = nobodyHas;
  const named = ranges.slice(0, MOST_RANGES);
  const namedCount = named.reduce((sum, [first, last]) => sum + last - first + 1, 0);
  const list = named.map(([first, last]) => (first === last ? String(first) : `${first} to ${last}`)).join(', ');
  const more = count > namedCount ? ` and ${count - namedCount} more` : '';
  return `waiting: nobody online has ${count === 1 ? 'piece' : 'pieces'} ${list}${more}`;
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

function drawBar(ratio: number, colours: Frame['colours']): string {
  const full = Math.floor(Math.min(1, Math.max(0, ratio)) * BAR_CELLS);
  return colours.cyan('█'.repeat(full)) + colours.dim('░'.repeat(BAR_CELLS - full));
}

/**
 * What is worth saying when a share has changed, one entry a line. What concerns a tracker is said without the name of the
 * share, so that many shares say the same.
 * @param before undefined when the share was not there
 * @param isLive a live line shows already whether it moves
 */
export function drawNews(
  before: Transfer | undefined,
  after: Transfer,
  { colours, isLive }: Pick<Frame, 'colours'> & { readonly isLive: boolean },
): string[] {
  const name = colours.bold(safeText(after.name));
  const isShown = isLive && (after.state === 'waiting' || after.state === 'downloading');
  const states = isShown ? [] : drawNewState(before, after);
  return [...drawProblem(before, after, { name, colours }), ...states.map((text) => `${name}: ${text}`)];
}

function drawProblem(
  before: Transfer | undefined,
  { problem, state }: Transfer,
  { name, colours }: Pick<Frame, 'colours'> & { readonly name: string },
): string[] {
  const known = before?.problem;
  if (problem === undefined) return known === undefined ? [] : [drawRelief(known, name)];
  const message = `${safeText(problem.message)}\n  ${colours.dim(safeText(problem.hint))}`;
  if (state === 'failed') return before?.state === 'failed' ? [] : [`${name}: ${colours.red('failed')}: ${message}`];
  // A reason may be told in other words each time; it stays the same reason.
  if (problem.code === known?.code) return [];
  return [problem.code === NO_TRACKER ? colours.yellow('No tracker: ') + message : `${name}: ${message}`];
}

function drawRelief({ code }: NonNullable<Transfer['problem']>, name: string): string {
  return code === NO_TRACKER ? 'The tracker can be reached again.' : `${name}: the trouble is over`;
}

function drawNewState(before: Transfer | undefined, after: Transfer): string[] {
  if (before?.state === after.state) return [];
  switch (after.state) {
    case 'waiting':
      return [drawWaiting(after)];
    case 'downloading':
      return [`downloading from ${drawCount(after.connectedPeers, 'peer')}`];
    case 'seeding':
      return before === undefined ? [] : [`complete and verified: ${safeText(after.path)}`];
    case 'checking':
    case 'failed':
      return [];
  }
}
