/** Looks at everything that the doctor judges. */
import type { AgentApi } from '@shoal/client';
import { ShoalError } from '@shoal/protocol';
import type { AgentSettings } from '../settings/settings.ts';
import type { Facts, PortFact, ReachabilityFact } from './facts.ts';
import { checkReadable, checkWritable } from './folder-check.ts';
import { checkReachability } from './reachability-check.ts';
import { checkTracker } from './tracker-check.ts';

/** What is looked at, and with what. */
export interface Examination {
  readonly settings: AgentSettings;
  readonly settingsFile: string | undefined;
  /** Looks for the daemon of this home. */
  readonly findDaemon: () => Promise<AgentApi | undefined>;
  /** Starts an agent that listens as the daemon would. */
  readonly startAgent: () => Promise<AgentApi>;
  readonly signal: AbortSignal;
}

/** Gathers the facts. Without a daemon an agent is started for as long as that takes. */
export async function examine(examination: Examination): Promise<Facts> {
  const { settings, settingsFile, signal } = examination;
  const [home, downloads, shares, tracker] = await Promise.all([
    checkWritable(settings.home),
    checkWritable(settings.downloads),
    Promise.all(settings.share.map((path) => checkReadable(path))),
    settings.tracker === undefined ? undefined : checkTracker(settings.tracker, signal),
  ]);
  const isAsked = tracker !== undefined && tracker.trouble === undefined;
  // In a home that this user cannot use there is no daemon of this user's, nor a control file that could be read.
  const daemon = home.trouble === undefined ? await examination.findDaemon() : undefined;
  return {
    ...(settingsFile === undefined ? {} : { settingsFile }),
    home,
    downloads,
    shares,
    ...(await lookAtListening(examination, daemon, isAsked ? tracker.url : undefined)),
    ...(tracker === undefined ? {} : { tracker }),
  };
}

type Listening = Pick<Facts, 'port' | 'reachability'>;

async function lookAtListening(
  examination: Examination,
  daemon: AgentApi | undefined,
  tracker: string | undefined,
): Promise<Listening> {
  const { settings, startAgent } = examination;
  const { host, port: wanted } = settings.peer;
  const listensAt = { ...(host === undefined ? {} : { host }), ...(isFixed(wanted) ? { port: wanted } : {}) };
  if (daemon !== undefined) {
    const { port } = await daemon.status(examination.signal);
    const held = { ...listensAt, state: 'held-by-agent' as const, port, ...(isFixed(wanted) ? { wanted } : {}) };
    return { port: held, ...(await askAbout(daemon, examination, tracker)) };
  }
  let agent: AgentApi;
  try {
    agent = await startAgent();
  } catch (error) {
    return { port: { ...listensAt, ...refusalOf(error) } };
  }
  try {
    return { port: { ...listensAt, state: 'free' }, ...(await askAbout(agent, examination, tracker)) };
  } finally {
    await agent.shutdown();
  }
}

async function askAbout(
  agent: AgentApi,
  { settings, signal }: Examination,
  tracker: string | undefined,
): Promise<{ reachability?: ReachabilityFact }> {
  if (tracker === undefined) return {};
  const { advertise } = settings.peer;
  const advertised = advertise === undefined ? {} : { advertised: advertise };
  return { reachability: await checkReachability({ tracker, agent, signal, ...advertised }) };
}

function isFixed(port: number | undefined): port is number {
  return port !== undefined && port !== 0;
}

function refusalOf(error: unknown): Pick<PortFact, 'state' | 'reason'> {
  if (!(error instanceof ShoalError)) throw error;
  return error.code === 'port-in-use' ? { state: 'taken' } : { state: 'refused', reason: error.message };
}
