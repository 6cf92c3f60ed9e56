import type { ErrorRequestHandler } from 'express';
import { ERRORS, reportError, ShoalError, type ErrorCode, type ErrorReport } from '@shoal/protocol';
import type { Logger } from 'pino';

/** The statuses of HTTP; a code that is not here is a bad request. */
const STATUSES: Partial<Record<ErrorCode, number>> = {
  'forbidden-origin': 403,
  'not-found': 404,
  'unknown-share': 404,
  'method-not-allowed': 405,
  'too-large': 413,
  'wrong-content-type': 415,
  internal: 500,
  overloaded: 503,
  'database-unavailable': 503,
  'shutting-down': 503,
};
const RETRY_AFTER_SECONDS = '5';

/** An error as HTTP says it. */
export interface Problem {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: ErrorReport;
}

/** Turns anything thrown into an answer; what went wrong inside the tracker is not told to strangers. */
export function problemOf(thrown: unknown): Problem {
  const error = thrown instanceof ShoalError ? thrown : fromExpress(thrown);
  const status = STATUSES[error.code] ?? 400;
  const isInside = error.code === 'internal' || error.code === 'database-unavailable';
  const body = isInside
    ? { code: error.code, message: 'the tracker could not answer; its log says why', hint: ERRORS[error.code] }
    : reportError(error);
  return { status, headers: status === 503 ? { 'Retry-After': RETRY_AFTER_SECONDS } : {}, body };
}

/** Answers every failed call; logs those that are not the caller's fault. */
export function answerProblems(log: Logger): ErrorRequestHandler {
  return (error: unknown, request, response, next) => {
    const { status, headers, body } = problemOf(error);
    if (status >= 500) log.error({ err: error, method: request.method, path: request.path }, 'a call failed');
    if (response.headersSent) {
      next(error);
      return;
    }
    response.status(status).set(headers).json(body);
  };
}

/** Express and its body reader mark what the caller did wrong with a status below 500. */
function fromExpress(cause: unknown): ShoalError {
  const status = cause instanceof Error && 'status' in cause ? cause.status : undefined;
  const message = cause instanceof Error ? cause.message : String(cause);
  if (status === 413) return new ShoalError('too-large', `reading the body: ${message}`, { cause });
  if (status === 415) return new ShoalError('wrong-content-type', `reading the body: ${message}`, { cause });
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new ShoalError('bad-message', `reading the call: ${message}`, { cause });
  }
  return new ShoalError('internal', message, { cause });
}
