import { setTimeout as pause } from 'node:timers/promises';
import { Sandbox } from '@shoal/testbed';
import { allComplete, compareCopies } from '../completion.ts';
import { MachineWatch } from '../machine-watch.ts';
import { now, type Leecher, type SampleFile, type TransferProgram } from '../transfer-program.ts';
import type { Contender, Passage } from './contender.ts';
import type { Loopback } from './loopback.ts';
import { UsageWatch } from './usage-watch.ts';

/** How long processes that have just started may take to come to rest. */
const SETTLE_MS = 1_000;

/**
 * A program as a contender.
 * @param begin whether its leechers begin as they are started, or run before and get the order
 * @param leave what becomes of all that a run has made
 */
export function transferBy(
  program: TransferProgram,
  begin: 'at once' | 'on order',
  leave = (sandbox: Sandbox): Promise<void> => sandbox.clear(),
): Contender {
  return {
    name: begin === 'at once' ? program.name : `${program.name}, running already`,
    needsOrdinaryAddresses: program.needsOrdinaryAddresses ?? false,
    version: () => program.version(),
    async run(file, place) {
      const sandbox = await Sandbox.create();
      try {
        return await transferOnce(program, begin, file, { sandbox, place });
      } finally {
        await leave(sandbox);
      }
    },
  };
}

async function transferOnce(
  program: TransferProgram,
  begin: 'at once' | 'on order',
  file: SampleFile,
  { sandbox, place }: { sandbox: Sandbox; place: Loopback },
): Promise<Passage> {
  const seeder = await program.seed({ sandbox, file, meeting: place.meeting, seeder: place.seeder });
  const start = (): Promise<Leecher[]> => Promise.all(place.leechers.map((host) => seeder.fetch(host, begin)));
  const waiting = begin === 'on order' ? await start() : undefined;
  await pause(SETTLE_MS);
  const sending = new UsageWatch([seeder.program.pid], 'now');
  const machine = new MachineWatch([seeder.program.pid, ...(waiting ?? []).map((leecher) => leecher.program.pid)]);
  const leechers = waiting ?? (await start());
  const pids = leechers.map((leecher) => leecher.program.pid);
  const receiving = new UsageWatch(pids, waiting ? 'now' : 'their start');
  const began = waiting ? now() : Math.min(...leechers.map(({ startedAt }) => startedAt));
  for (const leecher of waiting ?? []) leecher.order();
  const stamps = await allComplete(leechers).finally(() => {
    sending.end();
    receiving.end();
  });
  const othersShare = machine.othersShare(waiting ? [] : pids);
  await compareCopies(leechers, file);
  const milliseconds = Math.max(...stamps) - began;
  return { milliseconds, othersShare, sender: sending.used, receivers: receiving.used };
}
