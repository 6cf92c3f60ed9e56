import { LIMITS, parseMetainfo, ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';

const PATIENCE_MS = 6 * LIMITS.trackerReplyMs;

/** Where a page's own calls go. */
export interface PageCalls {
  /** The address of the page. */
  readonly base: string;
  readonly fetch: (url: URL, options: { signal: AbortSignal }) => Promise<Response>;
}

/**
 * The metainfo of a registered share, from the tracker whose page this is. Proved by its info hash.
 * @throws ShoalError `tracker-unreachable`, `tracker-refused`, `unknown-share`; as `parseMetainfo`
 */
export async function loadMetainfo(infoHash: InfoHash, signal: AbortSignal, calls: PageCalls): Promise<Metainfo> {
  const doing = `asking the tracker for the files of ${infoHash}`;
  const url = new URL(`v1/shares/${infoHash}`, calls.base);
  const withDeadline = AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]);
  const answer = await calls.fetch(url, { signal: withDeadline }).catch((cause: unknown) => {
    throw new ShoalError('tracker-unreachable', doing, { cause });
  });
  if (answer.status === 404) throw new ShoalError('unknown-share', `${doing}: nobody registered it there`);
  if (!answer.ok) throw new ShoalError('tracker-refused', `${doing}: it answered with status ${answer.status}`);
  return parseMetainfo(await bodyOf(answer, doing), 'the metainfo of the tracker', infoHash);
}

async function bodyOf(answer: Response, doing: string): Promise<Uint8Array> {
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    throw new ShoalError('tracker-unreachable', `${doing}: the answer broke off`, { cause });
  }
}
