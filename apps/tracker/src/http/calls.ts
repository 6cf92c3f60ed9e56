import express, { type Request, type RequestHandler } from 'express';
import { asInfoHash, ShoalError, type InfoHash } from '@shoal/protocol';
import { expectJson } from './plain-calls.ts';

/** Refuses a call whose method the path does not have; stands after those that it has. */
export function refuseMethod(...allowed: readonly string[]): RequestHandler {
  return (request, response) => {
    response.set('Allow', allowed.join(', '));
    throw new ShoalError('method-not-allowed', `${request.method} ${request.path}: allowed are ${allowed.join(', ')}`);
  };
}

/** Refuses a body that does not say that it is JSON. */
export const requireJson: RequestHandler = (request, _response, next) => {
  expectJson(request);
  next();
};

/** Reads a body as bytes, so that `parseJson` is the only one who interprets it. */
export function readBody(maxBytes: number): RequestHandler {
  return express.raw({ type: () => true, limit: maxBytes, inflate: false });
}

/** The bytes that `readBody` has read. */
export function bodyOf(request: Request): Uint8Array {
  const body: unknown = request.body;
  return body instanceof Uint8Array ? body : new Uint8Array();
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
