import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentApi } from '@shoal/client';
import { isErrorCode, ShoalError, type Transfer } from '@shoal/protocol';
import type { Output } from '../drawing/output.ts';
import { TransferBoard } from '../drawing/transfer-board.ts';
import type { Session } from '../session.ts';

/** How often a person sees new figures. */
export const REDRAW_MS = 250;
/** What is over at once is told at once: the first looks follow each other so soon, and each later one half as late again. */
const FIRST_LOOK_MS = 10;

/** Who watches. */
export interface Watcher {
  readonly session: Session;
  readonly output: Output;
}

/**
 * Shows a download until it is complete and verified.
 * @throws ShoalError what stands in its way; the reason of the signal
 */
export async function followUntilComplete(
  api: AgentApi,
  first: Transfer,
  { session, output }: Watcher,
): Promise<Transfer> {
  const board = new TransferBoard(output, () => true);
  board.begin(first);
  try {
    for await (const transfer of poll(api, first, session.signal)) {
      if (transfer.state === 'seeding') return transfer;
      board.update([transfer]);
    }
  } finally {
    board.end();
  }
  throw new Error('invariant: polling ends only by throwing');
}

/** Shows a share that is complete until the person has had enough. Throws the ShoalError that stops the share. */
export async function followUntilAborted(api: AgentApi, first: Transfer, { session, output }: Watcher): Promise<void> {
  const board = new TransferBoard(output, () => true);
  board.know(first);
  try {
    for await (const transfer of poll(api, first, session.signal)) board.update([transfer]);
  } catch (error) {
    if (!session.signal.aborted) throw error;
  } finally {
    board.end();
  }
}

async function* poll(api: AgentApi, { infoHash }: Transfer, signal: AbortSignal): AsyncGenerator<Transfer> {
  for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = Math.min(1.5 * pauseMs, REDRAW_MS)) {
    const transfers = await api.transfers(signal);
    const transfer = transfers.find((candidate) => candidate.infoHash === infoHash);
    if (transfer === undefined) {
      throw new ShoalError('unknown-share', `following ${infoHash}: the agent does not have it any more`);
    }
    if (transfer.state === 'failed') throw asError(transfer);
    yield transfer;
    await sleep(pauseMs, undefined, { signal });
  }
}

function asError({ problem, name }: Transfer): ShoalError {
  const code = problem?.code ?? 'internal';
  return new ShoalError(isErrorCode(code) ? code : 'internal', problem?.message ?? `downloading ${name}`);
}
