import { TrackerClient } from '@shoal/client';
import { reportError } from '@shoal/protocol';
import type { TrackerFact, TrackerTrouble } from './facts.ts';

/** Asks a tracker for its health, and by the way for the time. */
export async function checkTracker(url: string, signal: AbortSignal, call = fetch): Promise<TrackerFact> {
  let clockAheadMs: number | undefined;
  const client = new TrackerClient(url, {
    fetch: async (input, init) => {
      const askedAt = Date.now();
      const response = await call(input, init);
      clockAheadMs = aheadOf(response.headers.get('date'), (askedAt + Date.now()) / 2);
      return response;
    },
  });
  const clock = (): Pick<TrackerFact, 'clockAheadMs'> => (clockAheadMs === undefined ? {} : { clockAheadMs });
  try {
    await client.health(signal);
    return { url, ...clock() };
  } catch (error) {
    signal.throwIfAborted();
    return { url, ...troubleOf(error), ...clock() };
  }
}

/** A header tells whole seconds, cut off. */
const HALF_A_SECOND_MS = 500;

function aheadOf(header: string | null, nowMs: number): number | undefined {
  const theirsMs = Date.parse(header ?? '') + HALF_A_SECOND_MS;
  return Number.isNaN(theirsMs) ? undefined : nowMs - theirsMs;
}

const BY_SYSTEM_CODE: Readonly<Record<string, TrackerTrouble>> = {
  ENOTFOUND: 'unknown-name',
  EAI_AGAIN: 'unknown-name',
  ECONNREFUSED: 'refused',
};
const OF_A_CERTIFICATE = /CERT|SELF_SIGNED|VERIFY|ISSUER/;

function troubleOf(error: unknown): { trouble: TrackerTrouble; reason: string } {
  const system = systemCodeOf(error);
  if (system !== undefined) {
    const other = OF_A_CERTIFICATE.test(system) ? 'certificate' : 'silent';
    return { trouble: BY_SYSTEM_CODE[system] ?? other, reason: system };
  }
  const { code, message } = reportError(error);
  if (code === 'timed-out') return { trouble: 'silent', reason: 'no answer in time' };
  return { trouble: code === 'tracker-unreachable' ? 'silent' : 'unwell', reason: message };
}

/** The code that the system, or Node's TLS, gave: the deepest cause has it. */
function systemCodeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const deeper = systemCodeOf(error.cause);
  if (deeper !== undefined) return deeper;
  return 'code' in error && typeof error.code === 'string' && /^[A-Z_]+$/.test(error.code) ? error.code : undefined;
}
