/** What the daemon does without being asked, for as long as it runs: watch folders, mirror, and keep the journal. */
import { TrackerClient } from '@shoal/client';
import type { Log } from '@shoal/engine';
import { hashShare, lookAtShare, ShareThreads, systemClock, systemRandom } from '@shoal/engine/node';
import { createMetainfo, parseMetainfo, reportError, type Metainfo } from '@shoal/protocol';
import picomatch from 'picomatch';
import type { AgentSettings } from '../settings/settings.ts';
import { AGENT } from '../version.ts';
import type { Agent } from './agent.ts';
import { Journal } from './journal/journal.ts';
import { Copies } from './mirror/copies.ts';
import { MirrorFolder } from './mirror/mirror-folder.ts';
import { Mirror } from './mirror/mirror.ts';
import { Listings } from './mirror/listings.ts';
import { Placing } from './mirror/placing.ts';
import { repeat, type Repeated } from './repeat.ts';
import { watchForNews } from './watch/news.ts';
import { lookAtEntry } from './watch/share-folder.ts';
import { startWatcher, type Watcher } from './watch/watcher.ts';

/** What the orders are, and who carries them out. */
interface Orders {
  readonly agent: Agent;
  readonly settings: AgentSettings;
  readonly log: Log;
}

const JOURNAL_MS = 1_000;
/** Rounds of a mirror while something moves, and otherwise; the latter with jitter, for the tracker's sake. */
const BUSY_ROUND_MS = 100;
const QUIET_ROUND_MS = 2_000;

/**
 * Begins, once the agent has taken up what it held before.
 * @returns ends all of it, also what is being hashed
 */
export function startStandingOrders({ agent, settings, log }: Orders): () => Promise<void> {
  const onError = (error: unknown): void => {
    const { code, message } = reportError(error);
    log.error({ code, err: error }, message);
  };
  const journal = new Journal({
    shares: () => agent.holdings.list(),
    snapshot: () => agent.snapshot(),
    clock: systemClock,
    log,
  });
  const reading = repeat({
    clock: systemClock,
    delayMs: () => JOURNAL_MS,
    onError,
    work: () => {
      journal.look();
      return Promise.resolve();
    },
  });
  const { tracker } = settings;
  if (tracker === undefined) return () => reading.stop();
  const orders = { agent, settings, log, tracker, journal, onError };
  const watching = startWatching(orders);
  const mirroring = startMirroring(orders, watching?.watcher);
  return async () => {
    await Promise.all([mirroring?.stop(), watching?.stop(), reading.stop()]);
  };
}

interface OrdersAtTracker extends Orders {
  readonly tracker: string;
  readonly journal: Journal;
  readonly onError: (error: unknown) => void;
}

function startWatching({ agent, settings, log, tracker }: OrdersAtTracker) {
  if (settings.share.length === 0) return undefined;
  const threads = new ShareThreads();
  const watcher = startWatcher({
    folders: settings.share,
    tracker,
    log,
    clock: systemClock,
    watchForNews,
    look: lookAtEntry,
    hash: async (path, signal) => {
      const hashed = await hashShare({ path, threads, signal });
      return createMetainfo({ announce: tracker, ...hashed, createdBy: AGENT, createdAt: new Date().toISOString() });
    },
    withTracker,
    shelf: {
      list: () => agent.holdings.list(),
      failed: () => {
        const stateOf = agent.states();
        const failed = agent.holdings.list().filter((share) => stateOf(share) === 'failed');
        return new Set(failed.map(({ metainfo }) => metainfo.infoHash));
      },
      hold: (wanted) => agent.hold(wanted),
      remove: (infoHash) => agent.remove(infoHash),
    },
  });
  const stop = async (): Promise<void> => {
    await Promise.all([watcher.stop(), threads.stop()]);
  };
  return { watcher, stop };
}

function startMirroring(
  { agent, settings, log, tracker: url, journal, onError }: OrdersAtTracker,
  watcher: Watcher | undefined,
): Repeated | undefined {
  if (settings.mirror.length === 0) return undefined;
  const tracker = new TrackerClient(url);
  const folder = new MirrorFolder(settings.downloads);
  const copies = new Copies(agent, folder, lookAtShare);
  const mirror = new Mirror({
    tracker,
    listings: new Listings(tracker, picomatch([...settings.mirror], { dot: true })),
    copies,
    placing: new Placing({ copies, folder, log }),
    folder,
    ownNames: () => {
      const own = agent.holdings.list().filter(({ origin }) => origin.kind !== 'mirrored');
      return new Set([...own.map(({ metainfo }) => metainfo.info.name), ...(watcher?.names() ?? [])]);
    },
    clock: systemClock,
    log,
    onTracker: (problem) => {
      journal.tellTracker(tracker.url, 'call', problem);
    },
  });
  let isBusy = false;
  const mirroring = repeat({
    clock: systemClock,
    delayMs: () => (isBusy ? BUSY_ROUND_MS : QUIET_ROUND_MS * (0.75 + 0.5 * systemRandom.next())),
    onError,
    work: async (signal) => {
      // What stands in a watched folder is not mirrored; so it must be known what does.
      await watcher?.looked;
      isBusy = await mirror.round(signal);
    },
  });
  agent.follow(tracker.url, () => {
    mirror.expectNews();
    mirroring.wake();
  });
  return mirroring;
}

function withTracker({ document }: Metainfo, announce: string): Metainfo {
  return parseMetainfo(JSON.stringify({ ...document, announce }));
}
