/** The agent as a program of its own: one per home folder, with a control API and a memory. */
import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Log } from '@shoal/engine';
import { ShoalError } from '@shoal/protocol';
import { lock } from 'proper-lockfile';
import type { AgentSettings } from '../settings/settings.ts';
import { findDaemon, removeControlFile, writeControlFile } from './control-file.ts';
import { startControlServer, type ControlServer } from './control-server.ts';
import { createAgent } from './create-agent.ts';
import type { Agent } from './agent.ts';
import { loadIdentity } from './identity.ts';
import { ShareRecords } from './share-records.ts';
import { startStandingOrders } from './standing-orders.ts';

/** What a daemon needs. */
export interface DaemonOptions {
  readonly settings: AgentSettings;
  readonly log: Log;
  /** Ends the daemon. */
  readonly signal: AbortSignal;
}

/** So long standing orders may take to end. */
const STOP_MS = 2_000;

/**
 * Runs the daemon until the signal or a call of its control API ends it.
 * @param onReady called when it listens, before the remembered shares are all open
 * @throws ShoalError `agent-running`, `port-in-use`, `state-damaged`
 */
export async function runDaemon(options: DaemonOptions, onReady: (agent: Agent) => void): Promise<void> {
  const { log, settings } = options;
  const { home } = settings;
  const end = new AbortController();
  const signal = AbortSignal.any([options.signal, end.signal]);
  const ended = whenAborted(signal);
  let stopOrders = (): Promise<void> => Promise.resolve();
  const { agent, control } = await enterHome(options, () => {
    end.abort();
  });
  onReady(agent);
  log.info({ port: agent.port, controlPort: control.port, home }, 'the agent is running');
  try {
    const restored = agent.restore().then(() => {
      if (!signal.aborted) stopOrders = startStandingOrders({ agent, settings, log });
      return ended;
    });
    await Promise.race([ended, restored]);
  } finally {
    log.info({}, 'the agent is stopping');
    // What cannot be broken off by itself ends with the agent.
    await Promise.race([stopOrders(), setTimeout(STOP_MS, undefined, { ref: false })]);
    await removeControlFile(home);
    await control.stop();
    await agent.shutdown();
  }
}

interface Running {
  readonly agent: Agent;
  readonly control: ControlServer;
}

/** How long a second start waits for a first one that is just doing the same. */
const START_RETRIES = { retries: 50, minTimeout: 100, maxTimeout: 100 };

/**
 * Becomes the agent of a home folder. The lock covers only the start; afterwards the control API itself shows that the
 * agent is there, so that one that was killed is not in the way of the next.
 */
async function enterHome(options: DaemonOptions, end: () => void): Promise<Running> {
  const { signal, settings } = options;
  const { home } = settings;
  const release = await lockHome(options);
  try {
    if ((await findDaemon(home, signal)) !== undefined) throw alreadyRunning(home);
    return await openAgent(options, end);
  } finally {
    await release();
  }
}

async function lockHome({ settings, log }: DaemonOptions): Promise<() => Promise<void>> {
  const { home } = settings;
  try {
    await mkdir(home, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new ShoalError('bad-config', `making the agent's home ${home}`, { cause });
  }
  const onCompromised = (error: Error): void => {
    log.warn({ err: error }, 'the start took so long that another agent may have started as well');
  };
  try {
    return await lock(home, { lockfilePath: join(home, 'starting.lock'), retries: START_RETRIES, onCompromised });
  } catch (cause) {
    throw alreadyRunning(home, cause);
  }
}

async function openAgent({ settings, log }: DaemonOptions, end: () => void): Promise<Running> {
  const { home, peer } = settings;
  const records = new ShareRecords(join(home, 'shares'));
  const agent = await createAgent({ peerId: await loadIdentity(home), peer, log, records });
  try {
    // Before anybody can ask: what is remembered must not be unknown to the first command.
    await agent.recall();
    const token = randomBytes(32).toString('base64url');
    const control = await startControlServer({ api: agent, token, onShutdown: end });
    await writeControlFile(home, { port: control.port, token, pid: process.pid });
    return { agent, control };
  } catch (error) {
    await agent.shutdown();
    throw error;
  }
}

function alreadyRunning(home: string, cause?: unknown): ShoalError {
  return new ShoalError('agent-running', `starting the agent of ${home}`, { cause });
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
}
