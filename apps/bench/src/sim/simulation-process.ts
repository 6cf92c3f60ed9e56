/** Simulates one swarm in a process of its own, and tells its parent what came of it and what it cost. */
import { simulate, type SwarmOrder, type SwarmOutcome } from './simulation.ts';

/** What a simulation took of the machine. */
export interface SwarmCost {
  readonly wallMs: number;
  readonly cpuMs: number;
  /** Largest resident memory beyond that of a process that has loaded its program and not begun. */
  readonly bytes: number;
}

/** What the process tells its parent. */
export type SwarmReport = SwarmOutcome & SwarmCost;

process.once('message', (order: SwarmOrder) => {
  void run(order);
});

async function run(order: SwarmOrder): Promise<void> {
  const begin = { wallMs: performance.now(), cpu: process.cpuUsage(), bytes: process.memoryUsage.rss() };
  const outcome = await simulate(order);
  const { user, system } = process.cpuUsage(begin.cpu);
  const report: SwarmReport = {
    ...outcome,
    wallMs: performance.now() - begin.wallMs,
    cpuMs: (user + system) / 1000,
    bytes: process.resourceUsage().maxRSS * 1024 - begin.bytes,
  };
  process.send?.(report, () => {
    process.disconnect();
  });
}
