import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';

/** The machine and its state, in one line for the setting of a report. */
export function describeMachine(): string {
  const [cpu] = cpus();
  const memory = (totalmem() / 1024 ** 3).toFixed(0);
  const load = loadavg()[0]?.toFixed(1) ?? 'unknown';
  return (
    `${availableParallelism()} cores (${cpu?.model.trim() ?? 'unknown'}), ${memory} GiB, ${type()} ${release()}, ` +
    `Node ${process.versions.node}; load before: ${load}.`
  );
}
