/**
 * Who may use the control API: programs of this machine that can read the control file. A page in a browser on the same
 * machine can send requests here as well, so its `Origin` and a `Host` that a name server turned to us are refused first.
 */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { CONTROL_TOKEN_HEADER, ShoalError } from '@shoal/protocol';

const LOOPBACK_NAMES = ['127.0.0.1', '[::1]', 'localhost'];

/**
 * Checks one request before anything else is done with it.
 * @param port the port that the API listens on
 * @throws ShoalError `forbidden-origin`, `unauthorized`
 */
export function guardControl(headers: IncomingHttpHeaders, port: number, token: string): void {
  const own = LOOPBACK_NAMES.map((name) => `${name}:${String(port)}`);
  if (headers.host === undefined || !own.includes(headers.host)) {
    throw new ShoalError('forbidden-origin', `answering a request to the host "${headers.host ?? ''}"`);
  }
  const { origin } = headers;
  if (origin !== undefined && !own.some((host) => origin === `http://${host}`)) {
    throw new ShoalError('forbidden-origin', `answering a request from the page ${origin}`);
  }
  const given = headers[CONTROL_TOKEN_HEADER];
  if (typeof given !== 'string' || !areEqual(given, token)) {
    throw new ShoalError('unauthorized', `answering a request without the right ${CONTROL_TOKEN_HEADER}`);
  }
}

/** Takes the same time wherever the texts differ. */
function areEqual(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}
