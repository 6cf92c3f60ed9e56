import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import express from 'express';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addPage } from '../../src/http/page.ts';
import { answerProblems } from '../../src/http/problem.ts';
import { StartedTracker } from '../started-tracker.ts';

let folder: string;
let server: Server;
let url: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'shoal-page-'));
  const page = join(folder, 'page');
  mkdirSync(join(page, 'assets'), { recursive: true });
  writeFileSync(join(page, 'index.html'), '<title>Shoal</title>');
  writeFileSync(join(page, 'favicon.svg'), '<svg/>');
  writeFileSync(join(page, 'assets', 'main-1a2b.js'), 'void 0;');
  writeFileSync(join(page, 'other.txt'), 'not served');
  writeFileSync(join(folder, 'secret.txt'), 'not served either');
  const app = express();
  addPage(app, page);
  app.use((_request, response) => void response.status(404).json({ code: 'not-found' }));
  app.use(answerProblems(pino({ level: 'silent' })));
  server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`;
});
afterAll(() => {
  server.close();
  rmSync(folder, { recursive: true });
});

describe('the page', () => {
  it.each([
    ['/', 'text/html', 'no-cache'],
    ['/favicon.svg', 'image/svg+xml', 'no-cache'],
    ['/assets/main-1a2b.js', 'text/javascript', 'public, max-age=31536000, immutable'],
  ])('%s is served, and is all that is loaded', async (path, type, caching) => {
    const { status, headers } = await fetch(url + path);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toContain(type);
    expect(headers.get('cache-control')).toBe(caching);
    expect(headers.get('content-security-policy')).toBe(
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
        "connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
    );
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('referrer-policy')).toBe('no-referrer');
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
  });

  it.each([
    '/other.txt',
    '/assets/',
    '/assets',
    '/assets/none.js',
    '/assets/..%2fother.txt',
    '/assets/%2e%2e%2f%2e%2e%2fsecret.txt',
    '/index.html',
  ])('does not serve %s', async (path) => {
    expect((await fetch(url + path)).status).toBe(404);
  });

  it('takes no other method', async () => {
    const { status, headers } = await fetch(url, { method: 'POST' });
    expect([status, headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});

it('a tracker that was started without its page says so', async () => {
  const tracker = await StartedTracker.start();
  const answer = await tracker.call('GET', '/');
  expect([answer.status, answer.json]).toMatchObject([
    404,
    { code: 'not-found', message: expect.stringContaining('without its page') as string },
  ]);
  await tracker.discard();
});
