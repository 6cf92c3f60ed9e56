/** Commands that only look: `peers`, `files`, `status`. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentApi } from '@shoal/client';
import { ShoalError, type AgentStatus, type PeerReport, type Transfer } from '@shoal/protocol';
import { formatAddress } from '../address.ts';
import type { Frame } from '../drawing/frame.ts';
import type { Output } from '../drawing/output.ts';
import { safeText } from '../drawing/safe-text.ts';
import { drawTable } from '../drawing/table.ts';
import { drawTransferLines } from '../drawing/transfer-lines.ts';
import { drawBytes, drawCount, drawPercent } from '../drawing/units.ts';
import type { Session } from '../session.ts';
import { EXIT, type Command } from './command.ts';
import { JSON_OPTION, QUIET_OPTION } from './options.ts';

const WATCH_MS = 500;

/** `peers`: who we are linked to or know of. */
export const peersCommand: Command = {
  name: 'peers',
  summary: 'list connected and known peers',
  arguments: [],
  options: [JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run(_input, session, output) {
    const peers = await (await requireAgent(session)).peers(session.signal);
    output.result(peers, drawPeers);
    if (peers.length === 0) output.note('No peers yet.');
    return EXIT.ok;
  },
};

/** `files`: what we share and download. */
export const filesCommand: Command = {
  name: 'files',
  summary: 'list what is shared and downloaded here',
  arguments: [],
  options: [JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run(_input, session, output) {
    const transfers = await (await requireAgent(session)).transfers(session.signal);
    output.result(transfers, drawFiles);
    if (transfers.length === 0) output.note('Nothing is shared yet.');
    return EXIT.ok;
  },
};

/** `status`: the agent, its trackers and its transfers. */
export const statusCommand: Command = {
  name: 'status',
  summary: 'show the peer, its trackers and its transfers',
  arguments: [],
  options: [{ flags: '-w, --watch', about: 'go on showing it until Ctrl-C' }, JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run({ options }, session, output) {
    const agent = await requireAgent(session);
    if (options.watch === true) await watchStatus(agent, session, output);
    else output.result(await agent.status(session.signal), drawStatus);
    return EXIT.ok;
  },
};

/** The agent that is there. Throws `agent-unreachable` when there is none. */
export async function requireAgent(session: Session): Promise<AgentApi> {
  const agent = await session.existingAgent();
  if (agent !== undefined) return agent;
  throw new ShoalError('agent-unreachable', `asking the agent of ${session.settings.values.home}: none is running`);
}

async function watchStatus(agent: AgentApi, session: Session, output: Output): Promise<void> {
  try {
    while (!session.signal.aborted) {
      const status = await agent.status(session.signal);
      if (output.isLive) output.live('status', drawStatus(status, output.liveFrame).split('\n'));
      else output.result(status, drawStatus);
      await sleep(WATCH_MS, undefined, { signal: session.signal });
    }
  } catch (error) {
    if (!session.signal.aborted) throw error;
  } finally {
    output.live('status', []);
  }
}

/** Draws peers as a table. */
function drawPeers(peers: readonly PeerReport[], { colours }: Frame): string {
  if (peers.length === 0) return '';
  const rows = peers.map((peer) => [
    safeText(formatAddress(peer.host, peer.port)),
    peer.isConnected ? colours.green('connected') : 'known',
    peer.isConnected ? drawBytes(peer.receivedBytes) : '',
    peer.isConnected ? drawBytes(peer.sentBytes) : '',
    safeText(peer.agent ?? ''),
    peer.peerId?.slice(0, 12) ?? '',
  ]);
  return drawTable([['ADDRESS', 'STATE', 'RECEIVED', 'SENT', 'AGENT', 'PEER ID'], ...rows]);
}

/** Draws shares, each in a few lines. */
function drawFiles(transfers: readonly Transfer[], frame: Frame): string {
  return transfers.map((transfer) => drawFile(transfer, frame)).join('\n');
}

function drawFile(transfer: Transfer, { colours }: Frame): string {
  const { name, length, fileCount, state, verifiedBytes, infoHash, path } = transfer;
  const size = `${drawCount(fileCount, 'file')}, ${drawBytes(length)}`;
  const progress = state === 'seeding' ? colours.green('complete') : `${state}, ${drawPercent(verifiedBytes, length)}`;
  return `${colours.bold(safeText(name))}  ${size}  ${progress}\n  ${infoHash}\n  ${safeText(path)}`;
}

/** Draws the whole state of an agent. */
function drawStatus({ peerId, version, port, trackers, transfers }: AgentStatus, frame: Frame): string {
  const { colours } = frame;
  const lines = [`peer ${peerId.slice(0, 12)} (shoal/${safeText(version)}) listens on port ${String(port)}`];
  for (const { url, problem } of trackers) {
    const state = problem === undefined ? colours.green('connected') : colours.yellow(safeText(problem.message));
    lines.push(`tracker ${safeText(url)}: ${state}`);
  }
  if (transfers.length === 0) lines.push('nothing is shared or downloaded');
  lines.push(...drawTransferLines(transfers, frame));
  return lines.join('\n');
}
