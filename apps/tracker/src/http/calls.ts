import type { Request, RequestHandler } from 'express';
import { asInfoHash, ShoalError, TRACKER_CALLS, type InfoHash, type TrackerPath } from '@shoal/protocol';

/** Refuses a call whose method the path does not have; stands after those that it has. */
export function refuseMethod(path: TrackerPath): RequestHandler {
  const allowed = TRACKER_CALLS[path].join(', ');
  return (request, response) => {
    response.set('Allow', allowed);
    throw new ShoalError('method-not-allowed', `${request.method} ${request.path}: allowed are ${allowed}`);
  };
}

/** The info hash of a path. Throws ShoalError `bad-message`. */
export function infoHashOf(request: Request): InfoHash {
  const text = String(request.params.infoHash);
  const infoHash = asInfoHash(text);
  if (infoHash === undefined) {
    throw new ShoalError('bad-message', `reading the info hash "${text.slice(0, 80)}": it must be 64 hex digits`);
  }
  return infoHash;
}
