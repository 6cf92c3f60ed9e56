import { resolve } from 'node:path';
import { TrackerClient, type AgentApi } from '@shoal/client';
import type { Transfer } from '@shoal/protocol';
import { safeText } from '../drawing/safe-text.ts';
import { drawBytes, drawCount, drawPercent } from '../drawing/units.ts';
import type { AgentAccess } from '../session.ts';
import { EXIT, type Command, type ExitCode } from './command.ts';
import { findShare } from './find-share.ts';
import { followUntilAborted, followUntilComplete, type Watcher } from './follow.ts';
import { JSON_OPTION, knownTrackers, PEER_OPTIONS, QUIET_OPTION, TRACKER_OPTIONS } from './options.ts';

/** `download`: gets a share from everybody who has it. */
export const downloadCommand: Command = {
  name: 'download',
  summary: 'download a share and verify it',
  arguments: [
    { usage: '<torrent>', about: 'path of a .torrent, info hash, shoal: link, or name', completes: 'torrent' },
    { usage: '[folder]', about: 'where to put it (default: the current folder)', completes: 'path' },
  ],
  options: [
    ...TRACKER_OPTIONS,
    { flags: '--seed', about: 'go on seeding when it is complete', at: 'shell' },
    ...PEER_OPTIONS,
    JSON_OPTION,
    QUIET_OPTION,
  ],
  at: 'both',
  async run({ args: [text = '', folder = '.'], options }, session, output) {
    const agent = await session.existingAgent();
    const { metainfo, tracker = options.tracker } = await findShare(text, {
      folder: session.folder,
      trackers: await knownTrackers(options.tracker, session),
      openTracker: (url) => new TrackerClient(url),
      ...(agent === undefined ? {} : { agent }),
      signal: session.signal,
    });
    const access = await session.agent();
    const transfer = await access.api.addDownload(
      {
        metainfo,
        folder: resolve(session.folder, folder),
        ...(tracker === undefined ? {} : { tracker }),
      },
      session.signal,
    );
    if (transfer.state === 'seeding') output.result(transfer, drawComplete);
    else output.note(drawBeginning(transfer));
    if (session.board === undefined) {
      return stay(access, transfer, { session, output, isSeeding: options.seed === true });
    }
    if (transfer.state === 'seeding') return EXIT.ok;
    session.board.begin(transfer);
    output.result(transfer, () => '');
    return EXIT.ok;
  },
};

interface Stay extends Watcher {
  readonly isSeeding: boolean;
}

/** In the shell the command lasts as long as the download. */
async function stay({ api, isOwn }: AgentAccess, first: Transfer, { isSeeding, ...watcher }: Stay): Promise<ExitCode> {
  const { session, output } = watcher;
  try {
    const transfer = first.state === 'seeding' ? first : await finish(api, first, watcher);
    if (!isSeeding || !isOwn) return EXIT.ok;
    output.note('Seeding until Ctrl-C.');
    await followUntilAborted(api, transfer, watcher);
    return EXIT.ok;
  } catch (error) {
    if (!session.signal.aborted) throw error;
    output.note(isOwn ? 'Stopped; the same command goes on from here.' : 'The agent goes on with it.');
    return EXIT.interrupted;
  }
}

async function finish(api: AgentApi, first: Transfer, watcher: Watcher): Promise<Transfer> {
  const transfer = await followUntilComplete(api, first, watcher);
  watcher.output.result(transfer, ({ path, length }) => {
    return `Downloaded and verified ${safeText(path)} (${drawBytes(length)})`;
  });
  return transfer;
}

function drawBeginning(transfer: Transfer): string {
  const { length, verifiedBytes } = transfer;
  const resumed = verifiedBytes > 0 ? `, ${drawPercent(verifiedBytes, length)} are here already` : '';
  return `Downloading ${drawSubject(transfer)} to ${safeText(transfer.path)}${resumed}`;
}

function drawComplete(transfer: Transfer): string {
  return `${drawSubject(transfer)} is complete already: ${safeText(transfer.path)}`;
}

function drawSubject({ name, fileCount, length }: Transfer): string {
  return `${safeText(name)} (${drawCount(fileCount, 'file')}, ${drawBytes(length)})`;
}
