/** Finds the metainfo that somebody means: by its file, its info hash, its link, or a name that only one share has. */
import { resolve } from 'node:path';
import type { AgentApi, TrackerClient } from '@shoal/client';
import {
  asInfoHash,
  isShareLink,
  parseShareLink,
  ShoalError,
  type InfoHash,
  type Metainfo,
  type ShareSummary,
} from '@shoal/protocol';
import { safeText } from '../drawing/safe-text.ts';
import { readTorrent, TORRENT } from './torrent-file.ts';

/** Where to look. */
export interface Search {
  /** Folder that relative paths start from. */
  readonly folder: string;
  /** Trackers to ask, in this order. */
  readonly trackers: readonly string[];
  readonly openTracker: (url: string) => Pick<TrackerClient, 'get' | 'search'>;
  /** The agent whose linked peers are asked when no tracker knows an info hash. */
  readonly agent?: Pick<AgentApi, 'metainfo'>;
  readonly signal: AbortSignal;
}

/** A metainfo, and the tracker that gave it, if one did; it may be another than the one that it names. */
export interface FoundMetainfo {
  readonly metainfo: Metainfo;
  readonly tracker?: string;
}

const CANDIDATES_SHOWN = 10;

/**
 * Finds the one share that a text means: a text with a slash or the ending `.torrent` is a path, never a name.
 * @throws ShoalError `not-found`, `ambiguous-name`, `unknown-share`, `bad-link`, `bad-argument` when no tracker is known,
 *   or what reading the file or asking the tracker throws
 */
export async function findShare(text: string, search: Search): Promise<FoundMetainfo> {
  if (isShareLink(text)) {
    const { infoHash, tracker } = parseShareLink(text);
    return getFrom(infoHash, { ...search, trackers: tracker === undefined ? search.trackers : [tracker] });
  }
  if (text.endsWith(TORRENT) || /[/\\]/.test(text)) {
    return { metainfo: await readTorrent(resolve(search.folder, text)) };
  }
  const infoHash = asInfoHash(text);
  return infoHash === undefined ? findByName(text, search) : getFrom(infoHash, search);
}

async function getFrom(infoHash: InfoHash, search: Search): Promise<FoundMetainfo> {
  const { agent, signal } = search;
  try {
    const answer = await askInTurn(`getting ${infoHash}`, search, (tracker) => tracker.get(infoHash, signal));
    return { metainfo: answer.value, tracker: answer.tracker };
  } catch (error) {
    signal.throwIfAborted();
    const metainfo = await agent?.metainfo(infoHash, signal).catch(() => undefined);
    // What the trackers said is what the person can do something about.
    if (metainfo === undefined) throw error;
    return { metainfo };
  }
}

async function findByName(name: string, search: Search): Promise<FoundMetainfo> {
  const doing = `looking for a share called "${name}"`;
  const answer = await askInTurn(doing, search, async (tracker) => {
    const { shares } = await tracker.search({ query: name }, search.signal);
    const exact = shares.filter((share) => share.name === name);
    const [found, ...others] = exact.length > 0 ? exact : shares;
    if (found === undefined) throw new ShoalError('not-found', `${doing}: the tracker knows none`);
    if (others.length > 0) throw new ShoalError('ambiguous-name', `${doing}: ${listCandidates([found, ...others])}`);
    return tracker.get(found.infoHash, search.signal);
  });
  return { metainfo: answer.value, tracker: answer.tracker };
}

/** The first tracker's answer that is no failure; else what the first one said. */
async function askInTurn<T>(
  doing: string,
  { trackers, openTracker, signal }: Search,
  ask: (tracker: Pick<TrackerClient, 'get' | 'search'>) => Promise<T>,
): Promise<{ readonly value: T; readonly tracker: string }> {
  const failures: unknown[] = [];
  for (const url of trackers) {
    try {
      return { value: await ask(openTracker(url)), tracker: url };
    } catch (error) {
      signal.throwIfAborted();
      failures.push(error);
    }
  }
  if (failures.length > 0) throw failures[0];
  throw new ShoalError('bad-argument', `${doing}: name the tracker with --tracker or SHOAL_TRACKER`);
}

function listCandidates(shares: readonly ShareSummary[]): string {
  const shown = shares.slice(0, CANDIDATES_SHOWN).map(({ infoHash, name }) => `${infoHash} (${safeText(name)})`);
  const more = shares.length > shown.length ? [`and ${String(shares.length - shown.length)} more`] : [];
  return `it may be ${[...shown, ...more].join(', ')}`;
}
