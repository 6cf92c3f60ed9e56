import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http';
import {
  announceRequestSchema,
  LIMITS,
  parseJson,
  ShoalError,
  type AnnounceReply,
  type TrackerPath,
} from '@shoal/protocol';
import type { AnnounceDesk } from '../core/announce-desk.ts';
import { answerJson, expectJson, readWhole } from './plain-calls.ts';
import { problemOf } from './problem.ts';

/** Where agents without a session announce themselves, by POST. */
export const ANNOUNCE_PATH = '/v1/announce' satisfies TrackerPath;

const boundary = {
  what: 'the announce',
  schema: announceRequestSchema,
  maxBytes: LIMITS.httpBodyBytes,
  code: 'bad-message' as const,
};

/** One answered call, for the metrics. */
interface AnsweredAnnounce {
  readonly status: number;
  readonly seconds: number;
  /** How many swarms were announced; 0 when the call was refused. */
  readonly swarms: number;
}

/** What the announce call works with. */
export interface AnnounceParts {
  readonly desk: AnnounceDesk;
  readonly intervalSeconds: number;
  /** The address that a call came from. */
  readonly sourceOf: (request: IncomingMessage) => string;
  readonly onAnswered: (answered: AnsweredAnnounce) => void;
  /** Something went wrong that is not the caller's fault. */
  readonly onDefect: (error: unknown) => void;
}

/**
 * `POST /v1/announce`, on Node's own request and response: every agent without a session makes this call again and again, and
 * Express alone would cost twice what the rest of it does (docs/adr/0013).
 */
export function announceCall(parts: AnnounceParts): RequestListener {
  return (request, response) => {
    const call: Call = { request, response, begunAt: performance.now() };
    try {
      expectJson(request);
    } catch (error) {
      refuse(parts, call, error);
      return;
    }
    readWhole(request, LIMITS.httpBodyBytes, (body) => {
      try {
        if (body instanceof ShoalError) throw body;
        accept(parts, call, body);
      } catch (error) {
        refuse(parts, call, error);
      }
    });
  };
}

interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly begunAt: number;
}

function accept(parts: AnnounceParts, call: Call, body: Uint8Array): void {
  const { desk, intervalSeconds, sourceOf } = parts;
  const announce = parseJson(body, boundary);
  const reply: AnnounceReply = { intervalSeconds, swarms: desk.announce(announce, sourceOf(call.request)) };
  answerJson(call.response, 200, reply);
  tell(parts, call, announce.swarms.length);
}

function refuse(parts: AnnounceParts, call: Call, error: unknown): void {
  const { status, headers, body } = problemOf(error);
  if (status >= 500) parts.onDefect(error);
  answerJson(call.response, status, body, headers);
  tell(parts, call, 0);
}

function tell({ onAnswered }: AnnounceParts, { response, begunAt }: Call, swarms: number): void {
  onAnswered({ status: response.statusCode, seconds: (performance.now() - begunAt) / 1_000, swarms });
}
