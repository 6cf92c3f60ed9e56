import { TRACKER_CALLS } from '@shoal/protocol';
import type { Express } from 'express';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { Catalogue } from '../../src/core/catalogue.ts';
import { createExpress } from '../../src/http/app.ts';
import { RegisterCall } from '../../src/http/register.ts';
import { Metrics } from '../../src/metrics.ts';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { DeskWorld } from '../core/desk-world.ts';

const ignore = (): void => undefined;

function anApp(): Express {
  const { desk, registry } = new DeskWorld();
  const none = (): number => 0;
  const metrics = new Metrics({ sessions: none, swarms: none, peers: none, shares: () => Promise.resolve(0) });
  const catalogue = new Catalogue(new MemoryStore(), (infoHash) => registry.counts(infoHash), ignore);
  const log = pino({ level: 'silent' });
  const parts = { desk, registry, catalogue, metrics, log, intervalSeconds: 1, sourceOf: () => '127.0.0.1' };
  const register = new RegisterCall({ catalogue, onDefect: ignore });
  return createExpress({ ...parts, checkDatabase: () => Promise.resolve() }, ignore, register);
}

it('the tracker has exactly the calls of the protocol’s table', () => {
  const found = new Map<string, Set<string>>();
  for (const { path, stack } of anApp().router.stack.flatMap(({ route }) => route ?? [])) {
    const key = path.replace(/:(\w+)/g, '{$1}');
    const methods = stack.flatMap(({ method }) => (typeof method === 'string' ? [method.toUpperCase()] : []));
    found.set(key, new Set([...(found.get(key) ?? []), ...methods]));
  }
  // Express answers HEAD as it does GET.
  const listed = Object.entries(TRACKER_CALLS).map(([path, methods]) => {
    return [path, new Set<string>(methods.filter((method) => method !== 'HEAD'))] as const;
  });
  expect(found).toEqual(new Map(listed));
});

it('no router hides calls from that comparison', () => {
  expect(anApp().router.stack.map(({ name }) => name)).not.toContain('router');
});
