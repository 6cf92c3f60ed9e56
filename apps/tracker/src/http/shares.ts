import type { Express } from 'express';
import { LIMITS, ShoalError } from '@shoal/protocol';
import * as z from 'zod';
import type { Catalogue } from '../core/catalogue.ts';
import { infoHashOf, refuseMethod } from './calls.ts';
import { SHARE_ROUTE, type RegisterCall } from './register.ts';

const DEFAULT_PAGE = 20;

const searchSchema = z.strictObject({
  query: z.string().max(LIMITS.queryLength).default(''),
  limit: z.coerce.number().int().min(1).max(LIMITS.searchPage).default(DEFAULT_PAGE),
  cursor: z.string().optional(),
});

/** `/v1/shares`: the catalogue. */
export function addShareCalls(app: Express, catalogue: Catalogue, register: RegisterCall): void {
  app
    .route('/v1/shares')
    .get(async (request, response) => {
      const { query, limit, cursor } = readSearch(request.query);
      response.json(await catalogue.search({ query, limit, ...(cursor === undefined ? {} : { cursor }) }));
    })
    .all(refuseMethod('/v1/shares'));

  app
    .route(SHARE_ROUTE)
    .get(async (request, response) => {
      response.type('json').send(await catalogue.read(infoHashOf(request)));
    })
    .put((request, response) => {
      register.answer(request, response, infoHashOf(request));
    })
    .all(refuseMethod('/v1/shares/{infoHash}'));
}

function readSearch(query: unknown): z.infer<typeof searchSchema> {
  const result = searchSchema.safeParse({ ...Object(query) });
  if (result.success) return result.data;
  const issue = result.error.issues[0];
  const where = issue?.path.length ? ` at ${issue.path.map(String).join('.')}` : '';
  throw new ShoalError('bad-message', `reading the search${where}: ${issue?.message ?? 'not of the right form'}`);
}
