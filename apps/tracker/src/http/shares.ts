import type { Express } from 'express';
import { LIMITS, ShoalError, type RegisterReply } from '@shoal/protocol';
import * as z from 'zod';
import type { Catalogue } from '../core/catalogue.ts';
import { bodyOf, infoHashOf, readBody, refuseMethod, requireJson } from './calls.ts';

const DEFAULT_PAGE = 20;
/** Metainfos being read and checked at once: each may take `LIMITS.metainfoBytes` of memory several times. */
const MAX_REGISTRATIONS = 32;

const searchSchema = z.strictObject({
  query: z.string().max(LIMITS.queryLength).default(''),
  limit: z.coerce.number().int().min(1).max(LIMITS.searchPage).default(DEFAULT_PAGE),
  cursor: z.string().optional(),
});

/** `/v1/shares`: the catalogue. */
export function addShareCalls(app: Express, catalogue: Catalogue): void {
  let registrations = 0;

  app
    .route('/v1/shares')
    .get(async (request, response) => {
      const { query, limit, cursor } = readSearch(request.query);
      response.json(await catalogue.search({ query, limit, ...(cursor === undefined ? {} : { cursor }) }));
    })
    .all(refuseMethod('GET', 'HEAD'));

  app
    .route('/v1/shares/:infoHash')
    .get(async (request, response) => {
      response.type('json').send(await catalogue.read(infoHashOf(request)));
    })
    .put(
      (request, response, next) => {
        infoHashOf(request);
        if (registrations >= MAX_REGISTRATIONS) throw new ShoalError('overloaded', 'registering a share');
        registrations++;
        response.once('close', () => registrations--);
        next();
      },
      requireJson,
      readBody(LIMITS.metainfoBytes),
      async (request, response) => {
        const infoHash = infoHashOf(request);
        const created = await catalogue.register(infoHash, bodyOf(request));
        const reply: RegisterReply = { infoHash, created };
        response.status(created ? 201 : 200).json(reply);
      },
    )
    .all(refuseMethod('GET', 'HEAD', 'PUT'));
}

function readSearch(query: unknown): z.infer<typeof searchSchema> {
  const result = searchSchema.safeParse({ ...Object(query) });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
  throw new ShoalError('bad-message', `reading the search${where}: ${issue?.message ?? 'not of the right form'}`);
}
