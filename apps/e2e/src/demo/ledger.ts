import type { Cast, Player } from './cast.ts';
import { drawBar, drawMebibytes } from './units.ts';

/** One player's account over all shares of the demo. */
interface Account {
  readonly name: string;
  readonly receivedBytes: number;
  readonly sentBytes: number;
}

/** The table of who gave how much, as lines. */
export async function drawLedger({ seeder, leechers }: Cast): Promise<string[]> {
  const accounts = await Promise.all([seeder, ...leechers].map(readAccount));
  const total = accounts.reduce((sum, { sentBytes }) => sum + sentBytes, 0);
  const head = `  ${''.padEnd(8)} ${'received'.padStart(10)}  ${'gave'.padStart(10)}`;
  return [head, ...accounts.map((account) => drawAccount(account, total))];
}

async function readAccount({ name, agent }: Player): Promise<Account> {
  const transfers = await agent.control.transfers();
  return {
    name,
    receivedBytes: transfers.reduce((sum, { receivedBytes }) => sum + receivedBytes, 0),
    sentBytes: transfers.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
  };
}

function drawAccount({ name, receivedBytes, sentBytes }: Account, total: number): string {
  const part = total === 0 ? 0 : sentBytes / total;
  const percent = `${Math.round(part * 100)} %`.padStart(5);
  return `  ${name.padEnd(8)} ${drawMebibytes(receivedBytes)}  ${drawMebibytes(sentBytes)}  ${drawBar(part)} ${percent}`;
}
