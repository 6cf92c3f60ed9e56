import { TrackerClient } from '@shoal/client';
import type { PeerHit, ShareSummary } from '@shoal/protocol';
import { ShoalError, LIMITS } from '@shoal/protocol';
import type { Frame } from '../drawing/frame.ts';
import type { Output } from '../drawing/output.ts';
import { safeText } from '../drawing/safe-text.ts';
import { drawBytes, drawCount } from '../drawing/units.ts';
import type { Session } from '../session.ts';
import { EXIT, type Command } from './command.ts';
import { JSON_OPTION, knownTrackers, QUIET_OPTION, TRACKER_OPTIONS } from './options.ts';

/** A share that was found, with everybody who said so. */
export interface SearchHit {
  readonly infoHash: string;
  readonly name: string;
  readonly length: number;
  /** Files inside that contain the query. */
  readonly matches: readonly string[];
  /** As the tracker counts them; absent when only peers know the share. */
  readonly seeders?: number;
  readonly leechers?: number;
  /** `tracker <address>` or `peer <address>`. */
  readonly sources: readonly string[];
}

/** `search`: asks the tracker and the connected peers. */
export const searchCommand: Command = {
  name: 'search',
  summary: 'search the tracker and the connected peers by part of a name',
  arguments: [{ usage: '<query>', about: 'part of the name of a share or of a file in it' }],
  options: [...TRACKER_OPTIONS, JSON_OPTION, QUIET_OPTION],
  at: 'both',
  async run({ args: [query = ''], options }, session, output) {
    if (query === '' || query.length > LIMITS.queryLength) {
      const most = String(LIMITS.queryLength);
      throw new ShoalError('bad-argument', `searching: the query must have 1 to ${most} characters`);
    }
    const hits = await searchEverywhere(query, await knownTrackers(options.tracker, session), { session, output });
    output.result(hits, drawHits);
    if (hits.length === 0) output.note(`Nothing found for "${safeText(query)}".`);
    return EXIT.ok;
  },
};

interface Searcher {
  readonly session: Session;
  readonly output: Output;
}

/** One source that fails is noted; when all fail, the first failure is thrown. */
async function searchEverywhere(
  query: string,
  trackers: readonly string[],
  { session, output }: Searcher,
): Promise<SearchHit[]> {
  const agent = await session.existingAgent();
  const asked = [
    ...trackers.map(async (url) => {
      const { shares, nextCursor } = await new TrackerClient(url).search({ query }, session.signal);
      if (nextCursor !== undefined) output.note(`${safeText(url)} knows more than these; say more of the name.`);
      return shares.map((share) => hitOfTracker(share, url));
    }),
    ...(agent === undefined ? [] : [agent.searchPeers(query, session.signal).then((hits) => hits.map(hitOfPeer))]),
  ];
  if (asked.length === 0) {
    throw new ShoalError('bad-argument', 'searching: name the tracker with --tracker or SHOAL_TRACKER');
  }
  const answers = await Promise.allSettled(asked);
  session.signal.throwIfAborted();
  const failures = answers.filter((answer) => answer.status === 'rejected').map((answer) => answer.reason as unknown);
  if (failures.length === answers.length) throw failures[0];
  for (const failure of failures) output.note(safeText(failure instanceof Error ? failure.message : String(failure)));
  return mergeHits(answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : [])));
}

/** Hits of the same share become one; what the first source said of it stands. */
export function mergeHits(hits: readonly SearchHit[]): SearchHit[] {
  const merged = new Map<string, SearchHit>();
  for (const hit of hits) {
    const known = merged.get(hit.infoHash);
    if (known === undefined) merged.set(hit.infoHash, hit);
    else merged.set(hit.infoHash, { ...known, sources: [...known.sources, ...hit.sources] });
  }
  return [...merged.values()];
}

function hitOfTracker({ infoHash, name, length, matches, seeders, leechers }: ShareSummary, url: string): SearchHit {
  return { infoHash, name, length, matches, seeders, leechers, sources: [`tracker ${url}`] };
}

function hitOfPeer({ infoHash, name, length, files, peer }: PeerHit): SearchHit {
  return { infoHash, name, length, matches: files, sources: [`peer ${peer}`] };
}

/** Draws hits, each in a few lines. */
function drawHits(hits: readonly SearchHit[], frame: Frame): string {
  return hits.map((hit) => drawHit(hit, frame)).join('\n');
}

function drawHit(hit: SearchHit, { colours }: Frame): string {
  const { seeders, leechers } = hit;
  const people =
    seeders === undefined || leechers === undefined
      ? ''
      : `  ${drawCount(seeders, 'seeder')}, ${drawCount(leechers, 'leecher')}`;
  const inside = hit.matches.filter((path) => path !== hit.name).map(safeText);
  return [
    `${colours.bold(safeText(hit.name))}  ${drawBytes(hit.length)}${people}`,
    `  ${hit.infoHash}`,
    ...(inside.length === 0 ? [] : [`  inside: ${inside.join(', ')}`]),
    `  from ${hit.sources.map(safeText).join(', ')}`,
  ].join('\n');
}
