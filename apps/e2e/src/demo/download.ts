import { setTimeout as pause } from 'node:timers/promises';
import type { Transfer } from '@shoal/protocol';
import { beginDownload, type Offered } from '../sharing.ts';
import type { Player } from './cast.ts';
import { drawBar, drawMebibytes } from './units.ts';

const FRAME_MS = 100;
/** Far beyond what the slowest machine needs: the demo fails rather than hangs. */
const DEADLINE_MS = 300_000;

interface Sight {
  readonly player: Player;
  readonly transfer: Transfer;
}

/**
 * Has all players download a share at the same time and shows how far each is, until all of them have it.
 * @returns seconds that it took
 */
export async function downloadTogether(players: readonly Player[], offered: Offered): Promise<number> {
  const begin = performance.now();
  await Promise.all(players.map(({ machine, agent }) => beginDownload(machine, agent, offered)));
  const board = new Board();
  for (;;) {
    const sights = await Promise.all(players.map((player) => look(player, offered)));
    board.show(sights.map(drawSight));
    const seconds = (performance.now() - begin) / 1000;
    if (sights.every(({ transfer }) => transfer.state === 'seeding')) return seconds;
    if (seconds * 1000 > DEADLINE_MS) throw new Error(`the download did not end within ${DEADLINE_MS / 1000} s`);
    await pause(FRAME_MS);
  }
}

async function look(player: Player, { metainfo }: Offered): Promise<Sight> {
  const transfer = await player.agent.transfer(metainfo.infoHash);
  if (transfer === undefined) throw new Error(`${player.name} does not know the share any more`);
  if (transfer.state === 'failed') throw new Error(`${player.name}: ${transfer.problem?.message ?? 'failed'}`);
  return { player, transfer };
}

function drawSight({ player, transfer }: Sight): string {
  const ratio = transfer.verifiedBytes / transfer.length;
  const percent = `${Math.floor(ratio * 100)} %`.padStart(5);
  const doing = transfer.state === 'seeding' ? 'complete and verified' : drawPace(transfer);
  return `  ${player.name.padEnd(8)} ${drawBar(ratio)} ${percent}  ${doing}`;
}

function drawPace({ state, receivedBytesPerSecond, sendingPeers }: Transfer): string {
  if (state !== 'downloading') return state;
  return `${drawMebibytes(receivedBytesPerSecond)}/s from ${sendingPeers} ${sendingPeers === 1 ? 'peer' : 'peers'}`;
}

/** Lines that are drawn over themselves on a terminal; elsewhere only the last state is printed. */
class Board {
  #drawn = 0;
  #last = '';

  show(lines: readonly string[]): void {
    const text = lines.join('\n');
    if (text === this.#last) return;
    this.#last = text;
    if (process.stdout.isTTY) this.#redraw(lines);
    else if (lines.every((line) => line.includes('complete'))) process.stdout.write(`${text}\n`);
  }

  #redraw(lines: readonly string[]): void {
    if (this.#drawn > 0) process.stdout.write(`\u001b[${this.#drawn}A`);
    for (const line of lines) process.stdout.write(`\u001b[2K${line}\n`);
    this.#drawn = lines.length;
  }
}
