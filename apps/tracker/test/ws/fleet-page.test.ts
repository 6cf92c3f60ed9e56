import { once } from 'node:events';
import { FLEET_PATH, LIMITS, parseFromFleet, type FromFleet, type FromPage } from '@shoal/protocol';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket, type ClientOptions } from 'ws';
import { peerId } from '../core/desk-world.ts';
import { bytesOf, metainfo } from '../metainfos.ts';
import { StartedTracker } from '../started-tracker.ts';

const film = metainfo('film');
let tracker: StartedTracker;
const sockets: WebSocket[] = [];

beforeAll(async () => {
  tracker = await StartedTracker.start();
  await tracker.call('PUT', `/v1/shares/${film.infoHash}`, { body: bytesOf(film) });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) {
    socket.terminate();
    if (socket.readyState !== WebSocket.CLOSED) await once(socket, 'close');
  }
});
afterAll(() => tracker.discard());

/** One page, as a browser drives it. */
class TestPage {
  readonly socket: WebSocket;
  readonly inbox: FromFleet[] = [];
  closed: string | undefined;

  constructor(socket: WebSocket) {
    this.socket = socket;
    socket.on('message', (data: Buffer) => this.inbox.push(parseFromFleet(data.toString())));
    socket.on('close', (code, reason) => (this.closed = `${String(code)} ${reason.toString()}`));
  }

  look(view: FromPage['view']): void {
    this.socket.send(JSON.stringify({ kind: 'look', view }));
  }

  /** Waits until what it was told is so. */
  until(claim: (inbox: readonly FromFleet[]) => void): Promise<void> {
    return vi.waitFor(
      () => {
        claim(this.inbox);
      },
      { timeout: 10_000, interval: 5 },
    );
  }
}

function dial(options: ClientOptions = {}): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${String(tracker.port)}${FLEET_PATH}`, options);
  socket.on('error', () => undefined);
  sockets.push(socket);
  return socket;
}

async function open(options?: ClientOptions): Promise<TestPage> {
  const socket = dial(options);
  const page = new TestPage(socket);
  await once(socket, 'open');
  return page;
}

function refusal(options?: ClientOptions): Promise<{ status?: number | undefined; retryAfter?: string | undefined }> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(tracker.port)}${FLEET_PATH}`, options);
  return new Promise((resolve) => {
    socket.on('error', () => undefined);
    socket.on('unexpected-response', (request, response) => {
      resolve({ status: response.statusCode, retryAfter: response.headers['retry-after'] });
      response.resume();
      request.destroy();
    });
  });
}

describe('a page', () => {
  it('is welcomed, and told where it looks', async () => {
    const page = await open();
    page.look({ at: 'overview', query: 'fi' });
    await page.until((inbox) => {
      expect(inbox).toMatchObject([
        { kind: 'welcome', version: '0.1.0' },
        { kind: 'overview', query: 'fi', shares: [{ name: 'film' }], totals: { shares: 1 } },
      ]);
    });
  });

  it('sees an agent of which it looks at the share, and what that tells', async () => {
    const page = await open();
    page.look({ at: 'share', infoHash: film.infoHash });
    const session = await tracker.connect();
    session.send({ kind: 'hello', version: 1, peerId: peerId(1), port: 0, agent: 'test', name: 'web-1' });
    session.send({ kind: 'announce', swarms: [{ infoHash: film.infoHash, left: 1 }] });
    await vi.waitFor(
      () => {
        expect(session.inbox).toContainEqual({ kind: 'watch', isLookedAt: true, infoHashes: [film.infoHash] });
      },
      { timeout: 10_000 },
    );
    const report = { state: 'downloading', left: 1, receivedBytesPerSecond: 7, sentBytesPerSecond: 0 } as const;
    session.send({ kind: 'report', swarms: [{ infoHash: film.infoHash, ...report, pieces: { bits: 'AA==' } }] });
    await page.until((inbox) => {
      const changed = inbox.flatMap((message) => (message.kind === 'members' ? message.changed : []));
      expect(changed.at(-1)).toMatchObject({ name: 'web-1', receivedBytesPerSecond: 7, pieces: { bits: 'AA==' } });
    });
    await session.close();
    await page.until((inbox) => {
      expect(inbox.at(-1)).toMatchObject({ kind: 'members', gone: [peerId(1)] });
    });
  });

  it('that asks at every letter is told of the last one, and of few others', async () => {
    const page = await open();
    const text = 'film'.repeat(20);
    for (let length = 1; length <= text.length; length++) page.look({ at: 'overview', query: text.slice(0, length) });
    await page.until((inbox) => {
      expect(inbox.at(-1)).toMatchObject({ kind: 'overview', query: text });
    });
    expect(page.inbox.length).toBeLessThan(text.length);
  });

  it('that looks at the same place twice is not told twice', async () => {
    const page = await open();
    for (let round = 0; round < 2; round++) page.look({ at: 'machine', peerId: peerId(99) });
    page.look({ at: 'share', infoHash: film.infoHash });
    await page.until((inbox) => {
      expect(inbox.map(({ kind }) => kind)).toEqual(['welcome', 'missing', 'share', 'members']);
    });
  });

  it.each([
    ['that is no JSON', '{', 'bad-json'],
    ['of an unknown kind', '{"kind":"dance"}', 'bad-message'],
    [
      'of a query that is too long',
      JSON.stringify({ kind: 'look', view: { at: 'overview', query: 'x'.repeat(257) } }),
      'bad-message',
    ],
    ['that is binary', Buffer.from('{}'), 'bad-message'],
  ])('is closed for a message %s', async (_what, frame, code) => {
    const page = await open();
    page.socket.send(frame);
    await page.until((inbox) => {
      expect(inbox.at(-1)).toMatchObject({ kind: 'error', code });
      expect(page.closed).toBe(`1008 ${code}`);
    });
  });

  it('is closed for a message that is larger than the limit', async () => {
    const page = await open();
    page.socket.send(' '.repeat(LIMITS.controlMessageBytes + 1));
    await page.until(() => {
      expect(page.closed).toMatch(/^1009/);
    });
  });
});

describe('a page of another site', () => {
  it('is refused', async () => {
    expect((await refusal({ origin: 'http://evil.example' })).status).toBe(403);
  });

  it('is one of another port, too', async () => {
    expect((await refusal({ origin: 'http://127.0.0.1:1' })).status).toBe(403);
  });

  it('is not the one that this tracker serves', async () => {
    const page = await open({ origin: `http://127.0.0.1:${String(tracker.port)}` });
    await page.until((inbox) => {
      expect(inbox).toHaveLength(1);
    });
  });
});

it('only so many pages look at once, and the next is told to come later', async () => {
  const pages: TestPage[] = [];
  for (let n = 0; n < LIMITS.fleetPages; n++) pages.push(await open());
  expect(await refusal()).toEqual({ status: 503, retryAfter: '5' });
  pages[0]?.socket.terminate();
  await vi.waitFor(async () => {
    await open();
  });
});

it('a tracker that stops says so to its pages', async () => {
  const other = await StartedTracker.start();
  const socket = new WebSocket(`ws://127.0.0.1:${String(other.port)}${FLEET_PATH}`);
  await once(socket, 'open');
  const closed = once(socket, 'close');
  await other.discard();
  expect((await closed)[0]).toBe(1001);
});

it('names origins of pages to agents', async () => {
  const other = await StartedTracker.start({ pageOrigins: ['https://shoal.example'] });
  const session = await other.connect();
  session.send({ kind: 'hello', version: 1, peerId: peerId(1), port: 0, agent: 'test' });
  expect(await session.next('welcome')).toMatchObject({ pageOrigins: ['https://shoal.example'] });
  await other.discard();
});
