import { LIMITS, parseMetainfo, ShoalError, type InfoHash, type Metainfo } from '@shoal/protocol';

const PATIENCE_MS = 6 * LIMITS.trackerReplyMs;

/**
 * The metainfo of a registered share, from the tracker whose page this is. Proved by its info hash.
 * @throws ShoalError `tracker-unreachable`, `tracker-refused`, `unknown-share`; as `parseMetainfo`
 */
export async function loadMetainfo(infoHash: InfoHash, signal: AbortSignal): Promise<Metainfo> {
  const doing = `asking the tracker for the files of ${infoHash}`;
  const bytes = await load(new URL(`v1/shares/${infoHash}`, document.baseURI), doing, signal);
  return parseMetainfo(bytes, 'the metainfo of the tracker', infoHash);
}

async function load(url: URL, doing: string, signal: AbortSignal): Promise<Uint8Array> {
  const answer = await fetch(url, { signal: AbortSignal.any([signal, AbortSignal.timeout(PATIENCE_MS)]) }).catch(
    (cause: unknown) => {
      throw new ShoalError('tracker-unreachable', doing, { cause });
    },
  );
  if (answer.status === 404) throw new ShoalError('unknown-share', `${doing}: nobody registered it there`);
  if (!answer.ok) throw new ShoalError('tracker-refused', `${doing}: it answered with status ${answer.status}`);
  try {
    return new Uint8Array(await answer.arrayBuffer());
  } catch (cause) {
    throw new ShoalError('tracker-unreachable', `${doing}: the answer broke off`, { cause });
  }
}
