import type { IncomingMessage } from 'node:http';
import { LIMITS, SESSION_PATH, ShoalError } from '@shoal/protocol';
import { Gateway } from './gateway.ts';
import { Session, type SessionParts } from './session.ts';

/** What agents are let in with. */
export interface SessionGatewayParts extends Omit<SessionParts, 'source' | 'trackerHost'> {
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly trackerHostOf: (request: IncomingMessage) => string | undefined;
  readonly maxSessions: number;
}

/** Lets agents in, and no web pages. */
export function sessionGateway({ sourceOf, trackerHostOf, maxSessions, ...parts }: SessionGatewayParts): Gateway {
  return new Gateway({
    doing: 'opening a session',
    most: maxSessions,
    maxMessageBytes: LIMITS.sessionMessageBytes,
    maxFragments: 128,
    admit({ url, headers }) {
      const path = url?.split('?', 1)[0];
      if (path !== SESSION_PATH) {
        throw new ShoalError('not-found', `opening a session at ${String(path).slice(0, 200)}`);
      }
      if (headers.origin !== undefined) throw new ShoalError('forbidden-origin', 'opening a session from a web page');
    },
    open: (socket, request) =>
      new Session(socket, { ...parts, source: sourceOf(request), trackerHost: trackerHostOf(request) }).connection,
  });
}
