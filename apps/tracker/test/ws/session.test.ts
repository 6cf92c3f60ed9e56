import { LIMITS } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { WebSocket } from 'ws';
import { infoHash, peerId } from '../core/desk-world.ts';
import { listeningAgent, StartedTracker, type TestSession } from '../started-tracker.ts';

const SHARE = infoHash(1);
let tracker: StartedTracker;
let agent: Awaited<ReturnType<typeof listeningAgent>>;
const sessions: TestSession[] = [];

beforeAll(async () => {
  tracker = await StartedTracker.start();
  agent = await listeningAgent(peerId(2));
});
afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close()));
});
afterAll(async () => {
  await tracker.discard();
  await agent.close();
});

async function enter(n: number, port = agent.port): Promise<TestSession> {
  const session = await tracker.enter(peerId(n), port);
  sessions.push(session);
  return session;
}

async function connect(): Promise<TestSession> {
  const session = await tracker.connect();
  sessions.push(session);
  return session;
}

describe('a session', () => {
  it('is welcomed with the address that the tracker sees', async () => {
    const session = await connect();
    session.send({ kind: 'hello', version: 1, peerId: peerId(1), port: 0, agent: 'test' });
    expect(await session.next('welcome')).toEqual({ kind: 'welcome', version: 1, observedHost: '127.0.0.1' });
  });

  it('learns of a newcomer within 100 ms of its announce', async () => {
    const leecher = await enter(1);
    leecher.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 5 }] });
    const seeder = await enter(2);
    const announcedAt = performance.now();
    seeder.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 0 }] });
    const pushed = await leecher.next('peers');
    expect(performance.now() - announcedAt).toBeLessThan(100);
    expect(pushed.added).toEqual([{ peerId: peerId(2), host: '127.0.0.1', port: agent.port }]);
  });

  it('may announce in the same breath as its hello', async () => {
    const leecher = await enter(1);
    leecher.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 5 }] });
    const hasty = await connect();
    hasty.send({ kind: 'hello', version: 1, peerId: peerId(2), port: agent.port, agent: 'test' });
    hasty.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 0 }] });
    expect((await leecher.next('peers')).added).toHaveLength(1);
  });

  it('of a peer that accepts no links is told whom to dial', async () => {
    const hidden = await enter(1, 0);
    hidden.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 0 }] });
    const leecher = await enter(2);
    leecher.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 5 }] });
    const { peer } = await hidden.next('dial');
    expect(peer).toEqual({ peerId: peerId(2), host: '127.0.0.1', port: agent.port });
  });

  it('that is lost leaves all its swarms at once', async () => {
    const leecher = await enter(1);
    leecher.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 5 }] });
    const seeder = await enter(2);
    seeder.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 0 }] });
    await leecher.next('peers');
    seeder.socket.terminate();
    expect(await leecher.next('peers')).toMatchObject({ added: [], removed: [peerId(2)] });
  });

  it('carries progress and leave', async () => {
    const session = await enter(1);
    const swarms = async () => (await tracker.call('GET', `/v1/swarms/${SHARE}`)).json;
    session.send({ kind: 'announce', swarms: [{ infoHash: SHARE, left: 5 }] });
    session.send({ kind: 'progress', swarms: [{ infoHash: SHARE, left: 0 }] });
    await expect.poll(swarms).toMatchObject({ seeders: 1, leechers: 0 });
    session.send({ kind: 'leave', infoHashes: [SHARE] });
    await expect.poll(swarms).toMatchObject({ code: 'unknown-share' });
  });

  it('announces as many swarms as one message may hold', async () => {
    const session = await enter(1);
    const swarms = Array.from({ length: LIMITS.announceSwarms }, (_, n) => ({ infoHash: infoHash(n), left: 2 ** 52 }));
    session.send({ kind: 'announce', swarms });
    await expect
      .poll(async () => (await tracker.call('GET', '/metrics')).text)
      .toContain(`\nshoal_swarms ${String(LIMITS.announceSwarms)}\n`);
  });

  it('is closed when the agent opens a newer one', async () => {
    const older = await enter(1);
    await enter(1);
    expect(await older.next('error')).toMatchObject({ code: 'duplicate-link' });
    expect(await older.end()).toEqual({ code: 1008, reason: 'duplicate-link' });
  });
});

describe('a session is closed', () => {
  const hello = { kind: 'hello', version: 1, peerId: peerId(1), port: 0, agent: 'test' };
  it.each([
    ['that is no JSON', ['{'], 'bad-json'],
    ['of an unknown kind', [JSON.stringify({ kind: 'dance' })], 'bad-message'],
    ['with an unknown key', [JSON.stringify({ ...hello, x: 1 })], 'bad-message'],
    ['of another version', [JSON.stringify({ ...hello, version: 2 })], 'bad-message'],
    ['before a hello', [JSON.stringify({ kind: 'leave', infoHashes: [SHARE] })], 'bad-message'],
    ['that is a second hello', [JSON.stringify(hello), JSON.stringify(hello)], 'bad-message'],
    ['that is binary', [Buffer.from(JSON.stringify(hello))], 'bad-message'],
    ['that is nested too deep', ['['.repeat(10_000)], 'bad-json'],
  ])('for a message %s', async (_what, frames, code) => {
    const session = await connect();
    for (const frame of frames) session.socket.send(frame);
    expect(await session.next('error')).toMatchObject({ code });
    expect(await session.end()).toEqual({ code: 1008, reason: code });
  });

  it('for a message that is larger than the limit', async () => {
    const session = await connect();
    session.socket.send(' '.repeat(LIMITS.sessionMessageBytes + 1));
    expect(await session.end()).toMatchObject({ code: 1009 });
  });
});

it('no compression is agreed on, in which a small frame could become a gigabyte', async () => {
  const session = await tracker.connect({ perMessageDeflate: true });
  expect(session.socket.extensions).toBe('');
  await session.close();
});

describe('an upgrade is refused', () => {
  function refusal(path: string, headers: Record<string, string> = {}): Promise<number | undefined> {
    return new Promise((resolve) => {
      const socket = new WebSocket(`ws://127.0.0.1:${String(tracker.port)}${path}`, { headers });
      socket.on('error', () => undefined);
      socket.on('unexpected-response', (request, response) => {
        resolve(response.statusCode);
        response.resume();
        request.destroy();
      });
    });
  }

  it('at any other path', async () => {
    expect(await refusal('/v1/peer')).toBe(404);
  });

  it('from a web page', async () => {
    expect(await refusal('/v1/session', { origin: 'http://evil.example' })).toBe(403);
  });
});
