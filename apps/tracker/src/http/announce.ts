import type { Express, Request } from 'express';
import { announceRequestSchema, LIMITS, parseJson, type AnnounceReply } from '@shoal/protocol';
import type { AnnounceDesk } from '../core/announce-desk.ts';
import { contactOf } from '../core/contact.ts';
import { bodyOf, readBody, refuseMethod, requireJson } from './calls.ts';

const boundary = {
  what: 'the announce',
  schema: announceRequestSchema,
  maxBytes: LIMITS.httpBodyBytes,
  code: 'bad-message' as const,
};

/** What the announce call works with. */
export interface AnnounceParts {
  readonly desk: AnnounceDesk;
  readonly intervalSeconds: number;
  /** The address that a call came from. */
  readonly sourceOf: (request: Request) => string;
  readonly onAnnounce: (swarms: number) => void;
}

/** `POST /v1/announce`. */
export function addAnnounceCall(app: Express, parts: AnnounceParts): void {
  const { desk, intervalSeconds, sourceOf, onAnnounce } = parts;
  app
    .route('/v1/announce')
    .post(requireJson, readBody(LIMITS.httpBodyBytes), (request, response) => {
      const announce = parseJson(bodyOf(request), boundary);
      const contact = contactOf(sourceOf(request), announce);
      const reply: AnnounceReply = { intervalSeconds, swarms: desk.announce(announce, contact) };
      onAnnounce(announce.swarms.length);
      response.json(reply);
    })
    .all(refuseMethod('POST'));
}
