import type { Request, RequestHandler } from 'express';
import { asInfoHash, ShoalError, type InfoHash } from '@shoal/protocol';

/** Refuses a call whose method the path does not have; stands after those that it has. */
export function refuseMethod(...allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new ShoalError('method-not-allowed', `${request.method} ${request.path}: allowed are ${allowed.join(', ')}`);
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
