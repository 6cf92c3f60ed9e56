import { ShoalError } from './errors.ts';
import { asInfoHash, type InfoHash } from './ids.ts';
import { LIMITS } from './limits.ts';

/** A share named without its `.torrent`: `shoal:<info hash>?name=…&tracker=…`. */
export interface ShareLink {
  readonly infoHash: InfoHash;
  /** For people only; the metainfo decides what the files are called. */
  readonly name?: string;
  readonly tracker?: string;
}

const SCHEME = 'shoal:';

/** Writes a link. */
export function formatShareLink({ infoHash, name, tracker }: ShareLink): string {
  const query = new URLSearchParams();
  if (name !== undefined) query.set('name', name);
  if (tracker !== undefined) query.set('tracker', tracker);
  const text = query.toString();
  return `${SCHEME}${infoHash}${text === '' ? '' : `?${text}`}`;
}

/** Whether a text means to be a link, correct or not. */
export function isShareLink(text: string): boolean {
  return text.startsWith(SCHEME);
}

/**
 * Reads a link.
 * @throws ShoalError `bad-link`, `bad-tracker-url`
 */
export function parseShareLink(text: string): ShareLink {
  const [head = '', query = ''] = text.slice(SCHEME.length).split('?', 2);
  const infoHash = asInfoHash(head);
  if (!isShareLink(text) || infoHash === undefined || text.length > LIMITS.stringLength) {
    throw new ShoalError('bad-link', `reading the link ${text.slice(0, 100)}: no info hash of 64 hex digits`);
  }
  const parameters = new URLSearchParams(query);
  const name = parameters.get('name');
  const tracker = parameters.get('tracker');
  return {
    infoHash,
    ...(name === null ? {} : { name }),
    ...(tracker === null ? {} : { tracker: normaliseTrackerUrl(tracker) }),
  };
}

/**
 * The tracker's address in its one form: scheme, host, port, no trailing slash. `localhost:8000` means `http://`.
 * @throws ShoalError `bad-tracker-url`
 */
export function normaliseTrackerUrl(text: string): string {
  const candidate = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (!isTrackerUrl(candidate))
    throw new ShoalError('bad-tracker-url', `reading the tracker address "${text.slice(0, 100)}"`);
  const url = new URL(candidate);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/** Whether a text is an http or https address without credentials, query or fragment. */
export function isTrackerUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  const isWeb = url.protocol === 'http:' || url.protocol === 'https:';
  return (
    isWeb && url.hostname !== '' && url.username === '' && url.password === '' && url.search === '' && url.hash === ''
  );
}
