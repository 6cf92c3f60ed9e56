import { join } from 'node:path';
import { LIMITS, type ShoalError } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { readConfig, type TrackerConfig } from '../src/config.ts';

function configOf(args: string[], env: Record<string, string> = {}): TrackerConfig {
  const invocation = readConfig(args, env);
  if (invocation.kind !== 'run') throw new Error('it only wants to help');
  return invocation.config;
}

function refusalOf(args: string[], env: Record<string, string> = {}): string {
  try {
    readConfig(args, env);
  } catch (error) {
    const { code, message } = error as ShoalError;
    expect(code).toBe('bad-config');
    return message;
  }
  throw new Error('nothing was refused');
}

describe('the configuration', () => {
  it('has a default for everything', () => {
    expect(configOf([], { SHOAL_HOME: '/data' })).toEqual({
      host: 'localhost',
      port: 8_000,
      database: join('/data', 'tracker.db'),
      announceInterval: 60,
      logLevel: 'info',
      trustProxy: 0,
      pageOrigins: [],
    });
  });

  it('keeps its database in the user’s folder for data', () => {
    expect(configOf([], { XDG_DATA_HOME: '/xdg' }).database).toBe(join('/xdg', 'shoal', 'tracker.db'));
    expect(configOf([]).database).toMatch(/[/\\]\.local[/\\]share[/\\]shoal[/\\]tracker\.db$/);
  });

  it('takes flags before variables', () => {
    const env = { SHOAL_TRACKER_PORT: '9000', SHOAL_TRACKER_HOST: '0.0.0.0' };
    const config = configOf(['--port', '9001', '--announce-interval=5', '--trust-proxy', '1'], env);
    expect(config).toMatchObject({ port: 9_001, host: '0.0.0.0', announceInterval: 5, trustProxy: 1 });
  });

  it.each([
    [['--port', 'abc'], '--port'],
    [['--port', '65536'], '--port'],
    [['--port', '-1'], '--port'],
    [['--port', '8000.5'], '--port'],
    [['--port', ''], '--port'],
    [['--announce-interval', '0'], '--announce-interval'],
    [['--log-level', 'loud'], '"info"'],
    [['--colour'], '--announce-interval'],
    [['--colour'], "'--colour'"],
    [['8000'], '--port'],
    [['--host'], '--host'],
  ])('refuses %j and names what is allowed', (args, named) => {
    expect(refusalOf(args)).toContain(named);
  });

  it('refuses a bad variable by its name', () => {
    expect(refusalOf([], { SHOAL_TRACKER_PORT: 'abc' })).toContain('SHOAL_TRACKER_PORT');
  });

  it('refuses a variable that it does not know, and names those that it does', () => {
    const message = refusalOf([], { SHOAL_TRACKER_PROT: '1', SHOAL_HOME: '/data', PATH: '/bin' });
    expect(message).toContain('SHOAL_TRACKER_PROT');
    expect(message).toContain('SHOAL_TRACKER_PORT');
  });

  it('takes origins of pages from a flag that is repeated, or from a variable with commas', () => {
    const args = ['--page-origin', 'https://shoal.example', '--page-origin=http://LOCALHOST:80'];
    const env = { SHOAL_TRACKER_PAGE_ORIGINS: ' https://a.example , https://b.example:8443,' };
    expect(configOf(args, env).pageOrigins).toEqual(['https://shoal.example', 'http://localhost']);
    expect(configOf([], env).pageOrigins).toEqual(['https://a.example', 'https://b.example:8443']);
  });

  it.each([
    'shoal.example',
    'ftp://a.example',
    'https://',
    'https://a.example/',
    'https://a.example?x',
    'https://u@a.example',
    '*',
    'null',
    'https://a b',
  ])('refuses "%s" as an origin', (origin) => {
    expect(refusalOf(['--page-origin', origin])).toContain('SHOAL_TRACKER_PAGE_ORIGINS');
  });

  it('takes as many origins as it tells agents, and no more', () => {
    const origins = (count: number) => Array.from({ length: count }, (_, n) => `https://${String(n)}.example`).join();
    expect(configOf(['--page-origin', origins(LIMITS.pageOrigins)]).pageOrigins).toHaveLength(LIMITS.pageOrigins);
    expect(refusalOf(['--page-origin', origins(LIMITS.pageOrigins + 1)])).toContain(String(LIMITS.pageOrigins));
  });

  it('explains every setting with unit, default and variable', () => {
    const invocation = readConfig(['--help'], { SHOAL_HOME: '/data' });
    expect(invocation.kind === 'help' ? invocation.text.replace(/\s+/g, ' ') : '').toContain(
      '--announce-interval <seconds> how often agents without a session announce; they are forgotten after twice that (default: 60, env: SHOAL_TRACKER_ANNOUNCE_INTERVAL)',
    );
  });
});
