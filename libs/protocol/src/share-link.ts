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
 * Reads a link. The first `name` and the first `tracker` count; other parameters are left to later versions.
 * @throws ShoalError `bad-link`, `bad-tracker-url`
 */
export function parseShareLink(text: string): ShareLink {
  const refuse = (reason: string): ShoalError =>
    new ShoalError('bad-link', `reading the link "${text.slice(0, 100)}": ${reason}`);
  if (!isShareLink(text)) throw refuse(`it does not begin with ${SCHEME}`);
  if (text.length > LIMITS.stringLength) throw refuse(`it is longer than ${String(LIMITS.stringLength)} characters`);
  const mark = text.indexOf('?');
  const infoHash = asInfoHash(text.slice(SCHEME.length, mark === -1 ? undefined : mark));
  if (infoHash === undefined) throw refuse('no info hash of 64 hex digits');
  const parameters = new URLSearchParams(mark === -1 ? '' : text.slice(mark));
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
  if (!isTrackerUrl(candidate)) {
    throw new ShoalError('bad-tracker-url', `reading the tracker address "${text.slice(0, 100)}"`);
  }
  const url = new URL(candidate);
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}

/**
 * The origin of a web page in the form in which browsers send it, or undefined when the text is none: `http` or `https`, host,
 * and the port if it is not the usual one. A path is not dropped but refused: whoever writes one means less than an origin.
 */
export function asPageOrigin(text: string): string | undefined {
  if (!isTrackerUrl(text)) return undefined;
  const { origin, pathname } = new URL(text);
  return pathname === '/' ? origin : undefined;
}

/**
 * Whether a text is an http or https address without credentials, query or fragment. Stricter than the URL parser, which
 * repairs missing slashes and drops white space: two programs that repair differently would ask different trackers.
 */
export function isTrackerUrl(text: string): boolean {
  return text.length <= LIMITS.stringLength && /^https?:\/\/[^\s\\/?#@][^\s\\?#@]*$/i.test(text) && URL.canParse(text);
}
