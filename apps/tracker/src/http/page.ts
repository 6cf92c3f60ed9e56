import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import express, { type Express, type Response } from 'express';
import { ShoalError } from '@shoal/protocol';
import { refuseMethod } from './calls.ts';

/** Beside the built program; in the source tree there is none. */
const BUILT_PAGE = fileURLToPath(new URL('./dashboard/', import.meta.url));
const INDEX = 'index.html';
/** What the page consists of besides its first document. */
const PAGE_FILE = /^\/(?:assets\/[\w.-]+|favicon\.(?:svg|ico|png))$/;
/** The page is its own files and what this tracker tells it, and opens links to agents; nothing else is loaded or sent. */
const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self' ws: wss:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
const YEAR_SECONDS = 31_536_000;

/** `/` and its files: the page on which people see the fleet. @param folder where it was built */
export function addPage(app: Express, folder = BUILT_PAGE): void {
  const files = express.static(folder, { index: false, redirect: false, setHeaders: protect });
  app.use((request, response, next) => {
    if (PAGE_FILE.test(request.path)) files(request, response, next);
    else next();
  });
  app
    .route('/')
    .get((request, response, next) => {
      if (!existsSync(folder)) {
        throw new ShoalError(
          'not-found',
          `${request.method} /: this tracker was started without its page, which is built`,
        );
      }
      protect(response, INDEX);
      response.sendFile(INDEX, { root: folder, cacheControl: false }, (error) => {
        if (error instanceof Error) next(error);
      });
    })
    .all(refuseMethod('/'));
}

/** Files in `assets` have names that change with what is in them. */
function protect(response: Response, path: string): void {
  const isHashed = !path.endsWith(INDEX) && !basename(path).startsWith('favicon.');
  response.set({
    'Content-Security-Policy': CONTENT_SECURITY_POLICY,
    'X-Content-Type-Options': 'nosniff',
    'Referrer-Policy': 'no-referrer',
    'Cross-Origin-Opener-Policy': 'same-origin',
    'Cache-Control': isHashed ? `public, max-age=${String(YEAR_SECONDS)}, immutable` : 'no-cache',
  });
}
