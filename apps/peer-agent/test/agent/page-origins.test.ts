import { expect, test } from 'vitest';
import { PageOrigins } from '../../src/agent/page-origins.ts';

const TRACKER = 'http://tracker:8000/shoal';

test('accepts nobody’s pages of itself', () => {
  const pages = new PageOrigins();
  for (const origin of ['http://tracker:8000', 'http://localhost', 'null', ''])
    expect(pages.accepts(origin)).toBe(false);
});

test('accepts the pages of the trackers that it uses, and of no other port, scheme or host', () => {
  const pages = new PageOrigins();
  pages.trust(TRACKER);
  expect(pages.accepts('http://tracker:8000')).toBe(true);
  for (const origin of [
    'https://tracker:8000',
    'http://tracker',
    'http://tracker:8001',
    'http://x.tracker:8000',
    'null',
  ]) {
    expect(pages.accepts(origin)).toBe(false);
  }
});

test('accepts what its owner names', () => {
  expect(new PageOrigins(['https://shoal.example']).accepts('https://shoal.example')).toBe(true);
});

test('accepts what each tracker named last, and passes over what is no origin', () => {
  const pages = new PageOrigins();
  const all = ['https://a', 'https://b', 'https://c'];
  const accepted = (): string[] => all.filter((origin) => pages.accepts(origin));
  const name = pages.trust(TRACKER);
  name(['https://a', 'null', '*', 'https://c/path', 'HTTPS://B/']);
  expect(accepted()).toEqual(['https://a', 'https://b']);
  pages.trust('http://other')(['https://c']);
  expect(accepted()).toEqual(all);
  name([]);
  expect(accepted()).toEqual(['https://c']);
});
