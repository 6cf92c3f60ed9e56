import { once } from 'node:events';
import { createServer } from 'node:http';
import { LIMITS, peerIdOf } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import {
  A,
  announce,
  B,
  cleanUps,
  fakeTracker,
  hello,
  identity,
  openSession,
  QUICK,
  standing,
  until,
} from './sessions.ts';

describe('a session', () => {
  it('says hello and announces everything in one message', async () => {
    const tracker = await fakeTracker();
    const session = openSession(`${tracker.url}/prefix`);
    session.announce(A, 5);
    session.announce(B, 0);
    await until(() => {
      expect(tracker.said).toEqual([hello, announce([A, 5], [B, 0])]);
    });
    expect(tracker.paths).toEqual(['/prefix/v1/session']);
    await standing(session);
  });

  it('says where else it can be reached', async () => {
    const tracker = await fakeTracker();
    const advertised = { host: 'files.example', port: 443 };
    openSession(tracker.url, { ...QUICK, advertised });
    await until(() => {
      expect(tracker.said).toEqual([{ ...hello, advertised }]);
    });
  });

  it('says which addresses it has, as they are when it connects, and no more than it may', async () => {
    const tracker = await fakeTracker();
    let addresses = ['10.0.0.1'];
    openSession(tracker.url, { ...QUICK, localHosts: () => addresses });
    await until(() => {
      expect(tracker.said).toEqual([{ ...hello, localHosts: addresses }]);
    });
    addresses = Array.from({ length: LIMITS.localHosts + 1 }, (_, n) => `10.0.1.${String(n)}`);
    tracker.open[0]?.terminate();
    await until(() => {
      expect(tracker.said.at(-1)).toEqual({ ...hello, localHosts: addresses.slice(0, LIMITS.localHosts) });
    });
  });

  it('tells what the tracker says', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    const peer = { peerId: peerIdOf(new Uint8Array([2])), host: '10.0.0.2', port: 1 };
    tracker.say({ kind: 'peers', infoHashes: [A, B], added: [peer], removed: [identity.peerId] });
    tracker.say({ kind: 'dial', infoHash: B, peer });
    tracker.say({ kind: 'reachability', at: { host: '10.0.0.1', port: 4_000 } });
    tracker.say({ kind: 'reachability' });
    tracker.say({ kind: 'watch', isLookedAt: true, infoHashes: [A] });
    await until(() => {
      expect(session.told).toEqual([
        ['peers', A, [peer], [identity.peerId]],
        ['peers', B, [peer], [identity.peerId]],
        ['dial', B, peer],
        ['reachability', { host: '10.0.0.1', port: 4_000 }],
        ['reachability', undefined],
        ['watch', { isLookedAt: true, infoHashes: [A] }],
      ]);
      expect(session.observed).toEqual(['127.0.0.1']);
    });
  });

  it('tells which pages the tracker names, and that it names none', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    const pageOrigins = ['https://shoal.example', 'http://localhost:8000'];
    tracker.say({ kind: 'welcome', version: 1, observedHost: '127.0.0.1', pageOrigins });
    await until(() => {
      expect(session.pages).toEqual([[], pageOrigins]);
    });
  });

  it('follows the catalogue, also after it was lost', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    let listed = 0;
    session.follow(() => listed++);
    await until(() => {
      expect(tracker.said).toEqual([hello, { kind: 'follow' }]);
    });
    tracker.say({ kind: 'listed' });
    await until(() => {
      expect(listed).toBe(1);
    });
    tracker.open[0]?.terminate();
    await until(() => {
      expect(tracker.said).toEqual([hello, { kind: 'follow' }, hello, { kind: 'follow' }]);
    });
  });

  it('joins what is announced in one turn into one message', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    session.announce(A, 5);
    await Promise.resolve();
    session.announce(B, 5);
    await until(() => {
      expect(tracker.said.slice(1)).toEqual([announce([A, 5], [B, 5])]);
    });
  });

  it('tells progress now and then, and completion at once', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url, { ...QUICK, progressMs: 60_000 });
    session.announce(A, 5);
    await until(() => {
      expect(tracker.said).toHaveLength(2);
    });
    session.announce(A, 4);
    session.announce(B, 5);
    session.announce(A, 0);
    await until(() => {
      expect(tracker.said.slice(2)).toEqual([announce([B, 5]), { ...announce([A, 0]), kind: 'progress' }]);
    });
  });

  it('tells progress in the end', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    session.announce(A, 5);
    await until(() => {
      expect(tracker.said).toHaveLength(2);
    });
    session.announce(A, 4);
    session.announce(A, 3);
    await until(() => {
      expect(tracker.said.slice(2)).toEqual([{ ...announce([A, 3]), kind: 'progress' }]);
    });
  });

  it('leaves', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    session.announce(A, 5);
    await until(() => {
      expect(tracker.said).toHaveLength(2);
    });
    session.leave(A);
    await until(() => {
      expect(tracker.said.at(-1)).toEqual({ kind: 'leave', infoHashes: [A] });
    });
  });
});

describe('a session that is lost', () => {
  it('comes back and announces everything again, as it is now', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    session.announce(A, 5);
    session.announce(B, 5);
    await until(() => {
      expect(tracker.said).toHaveLength(2);
    });
    const restarted = tracker.restart();
    session.announce(A, 2);
    session.leave(B);
    await restarted;
    await until(() => {
      expect(tracker.said).toEqual([hello, announce([A, 2])]);
    });
    await until(() => {
      expect(session.states.at(-1)).toBe('well');
    });
    expect(session.states[0]).toBe('well');
    expect(new Set(session.states.slice(1, -1))).toEqual(new Set(['tracker-unreachable']));
  });

  it('says so once, however often it tries', async () => {
    const tracker = await fakeTracker();
    await tracker.stop();
    let attempts = 0;
    const session = openSession(tracker.url, { ...QUICK, random: () => ++attempts && 0 });
    await until(() => {
      expect(attempts).toBeGreaterThan(5);
    });
    expect(session.states).toEqual(['tracker-unreachable']);
    expect(session.problems[0]?.message).toContain(tracker.url);
    cleanUps.shift();
  });

  it('because the other side gives no sign of life is opened again', async () => {
    const tracker = await fakeTracker({ autoPong: false });
    const session = openSession(tracker.url, { ...QUICK, pingMs: 5 });
    await until(() => {
      expect(tracker.sockets.length).toBeGreaterThan(1);
    });
    expect(session.states.slice(0, 2)).toEqual(['well', 'timed-out']);
  });

  it.each([
    ['does not speak JSON', 'hello?'],
    ['says what is no message', '{"kind":"dance"}'],
    ['sends bytes', Buffer.from('{}')],
  ])('because the tracker %s is refused', async (_what, frame) => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    tracker.open[0]?.send(frame);
    await until(() => {
      expect(session.states).toContain('tracker-refused');
    });
  });

  it('for a reason of the tracker tells that reason', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    tracker.say({ kind: 'error', code: 'duplicate-link', message: 'a newer session' });
    tracker.open[0]?.close(1008);
    await until(() => {
      expect(session.problems[0]?.message).toContain('a newer session (duplicate-link)');
    });
    expect(session.problems[0]?.code).toBe('tracker-refused');
  });
});

describe('a tracker that is full', () => {
  it('is left alone for as long as it asks', async () => {
    const attempts: number[] = [];
    const server = createServer().on('upgrade', (_request, socket) => {
      attempts.push(performance.now());
      // The client may hang up before it has read the answer.
      socket.on('error', () => undefined);
      socket.end(
        'HTTP/1.1 503 Service Unavailable\r\nRetry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n',
      );
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const session = openSession(`127.0.0.1:${typeof address === 'object' ? String(address?.port) : ''}`);
    await until(() => {
      expect(attempts).toHaveLength(2);
    });
    expect((attempts[1] ?? 0) - (attempts[0] ?? 0)).toBeGreaterThan(990);
    expect(session.problems[0]?.message).toContain('status 503');
    await session.stop();
    server.close();
    await once(server, 'close');
  });
});

describe('a session that is stopped', () => {
  it('closes, stays closed and says nothing more', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    await session.stop();
    session.announce(A, 5);
    await until(() => {
      expect(tracker.open).toEqual([]);
    });
    expect([session.states, session.told, tracker.said.length]).toEqual([['well'], [], 1]);
  });

  it('before the tracker could be reached gives up', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await session.stop();
    expect(session.states).toEqual([]);
    await until(() => {
      expect(tracker.open).toEqual([]);
    });
  });

  it('between two attempts makes no other', async () => {
    const tracker = await fakeTracker();
    await tracker.stop();
    cleanUps.shift();
    const session = openSession(tracker.url, { ...QUICK, retry: { baseMs: 60_000, capMs: 60_000 } });
    await until(() => {
      expect(session.states).toEqual(['tracker-unreachable']);
    });
    await session.stop();
    expect(process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap')).toEqual([]);
  });
});
