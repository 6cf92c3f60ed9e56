import { announceReplySchema, LIMITS, searchReplySchema, swarmReplySchema } from '@shoal/protocol';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { infoHash, peerId } from '../core/desk-world.ts';
import { bytesOf, metainfo } from '../metainfos.ts';
import { listeningAgent, StartedTracker } from '../started-tracker.ts';

let tracker: StartedTracker;
beforeAll(async () => {
  tracker = await StartedTracker.start();
});
afterAll(async () => {
  await tracker.discard();
});

async function measuredAnnounces(): Promise<number> {
  const { text } = await tracker.call('GET', '/metrics');
  const counted = /^shoal_http_request_duration_seconds_count\{.*route="\/v1\/announce".*status="200".*\} (\d+)$/m;
  return Number(counted.exec(text)?.[1] ?? 0);
}

describe('PUT and GET /v1/shares/{infoHash}', () => {
  it('register a share once and hand it out', async () => {
    const photos = metainfo('photos', ['a/b.jpg', 'notes.txt']);
    const path = `/v1/shares/${photos.infoHash}`;
    const first = await tracker.call('PUT', path, { body: bytesOf(photos) });
    expect([first.status, first.json]).toEqual([201, { infoHash: photos.infoHash, created: true }]);
    const second = await tracker.call('PUT', path, { body: bytesOf(photos) });
    expect([second.status, second.json]).toEqual([200, { infoHash: photos.infoHash, created: false }]);
    const got = await tracker.call('GET', path);
    expect([got.status, got.json]).toEqual([200, photos.document]);
    expect(got.headers['content-type']).toBe('application/json; charset=utf-8');
    expect((await tracker.call('GET', path.toUpperCase().replace('/V1/SHARES', '/v1/shares'))).status).toBe(200);
  });

  it('take a metainfo of 10 MiB, and refuse one byte more', async () => {
    const share = metainfo('large');
    const document = JSON.stringify(share.document);
    const path = `/v1/shares/${share.infoHash}`;
    const body = document.padEnd(LIMITS.metainfoBytes, ' ');
    expect((await tracker.call('PUT', path, { body })).status).toBe(201);
    const answer = await tracker.call('PUT', path, { body: `${body} ` });
    expect([answer.status, answer.json]).toMatchObject([413, { code: 'too-large' }]);
  });
});

describe('GET /v1/shares', () => {
  it('finds by an inner path and gives the counts of the swarm', async () => {
    const films = metainfo('films', ['2026/Der Himmel.mkv', 'x.txt']);
    await tracker.call('PUT', `/v1/shares/${films.infoHash}`, { body: bytesOf(films) });
    const agent = await listeningAgent(peerId(50));
    const session = await tracker.enter(peerId(50), agent.port);
    session.send({ kind: 'announce', swarms: [{ infoHash: films.infoHash, left: 0 }] });
    await expect
      .poll(async () => searchReplySchema.parse((await tracker.call('GET', '/v1/shares?query=HIMMEL')).json).shares)
      .toMatchObject([{ infoHash: films.infoHash, seeders: 1, leechers: 0, matches: ['2026/Der Himmel.mkv'] }]);
    await session.close();
    await agent.close();
  });

  it('takes what is asked for as text, whatever it is', async () => {
    for (const query of ['%22', '%00', '%25', "'", '*', '%ff', '+', '%ED%A0%80', '%E0%A4%A']) {
      expect((await tracker.call('GET', `/v1/shares?query=${query}`)).status).toBe(200);
    }
  });

  it('gives pages', async () => {
    for (const name of ['page-1', 'page-2', 'page-3']) {
      const share = metainfo(name);
      await tracker.call('PUT', `/v1/shares/${share.infoHash}`, { body: bytesOf(share) });
    }
    const first = searchReplySchema.parse((await tracker.call('GET', '/v1/shares?query=page-&limit=2')).json);
    const cursor = first.nextCursor ?? '';
    const second = await tracker.call('GET', `/v1/shares?query=page-&limit=2&cursor=${cursor}`);
    expect(first.shares.map((share) => share.name)).toEqual(['page-3', 'page-2']);
    expect(searchReplySchema.parse(second.json).shares.map((share) => share.name)).toEqual(['page-1']);
  });
});

describe('POST /v1/announce', () => {
  it('is the same call however its path is written, and is measured', async () => {
    const body = JSON.stringify({ peerId: peerId(70), port: 0, swarms: [{ infoHash: infoHash(70), left: 7 }] });
    const before = await measuredAnnounces();
    for (const path of ['/v1/announce', '/v1/announce?', '/v1/announce?x=1', '/v1/Announce/']) {
      const answer = await tracker.call('POST', path, { body });
      expect([answer.status, answer.headers['x-content-type-options']]).toEqual([200, 'nosniff']);
      expect(announceReplySchema.parse(answer.json).swarms).toMatchObject([{ seeders: 0, leechers: 1 }]);
    }
    expect(await measuredAnnounces()).toBe(before + 4);
  });

  it('answers the peers of every swarm, and when to come back', async () => {
    const agent = await listeningAgent(peerId(1));
    const session = await tracker.enter(peerId(1), agent.port);
    session.send({ kind: 'announce', swarms: [{ infoHash: infoHash(1), left: 0 }] });
    const swarms = [
      { infoHash: infoHash(1), left: 7 },
      { infoHash: infoHash(2), left: 7 },
    ];
    const body = JSON.stringify({ peerId: peerId(2), port: 0, swarms });
    const peers = [{ peerId: peerId(1), host: '127.0.0.1', port: agent.port }];
    await expect
      .poll(async () => announceReplySchema.parse((await tracker.call('POST', '/v1/announce', { body })).json))
      .toEqual({
        intervalSeconds: 60,
        swarms: [
          { infoHash: infoHash(1), seeders: 1, leechers: 1, peers },
          { infoHash: infoHash(2), seeders: 0, leechers: 1, peers: [] },
        ],
      });
    await session.close();
    await agent.close();
  });

  it('believes X-Forwarded-For only behind a trusted proxy', async () => {
    const body = JSON.stringify({ peerId: peerId(3), port: 1, swarms: [{ infoHash: infoHash(3), left: 7 }] });
    const headers = { 'x-forwarded-for': '203.0.113.1, 203.0.113.2' };
    async function hostSeenBy(instance: StartedTracker): Promise<string | undefined> {
      await instance.call('POST', '/v1/announce', { body, headers });
      const swarm = swarmReplySchema.parse((await instance.call('GET', `/v1/swarms/${infoHash(3)}`)).json);
      return swarm.peers[0]?.host;
    }
    expect(['127.0.0.1', '::1']).toContain(await hostSeenBy(tracker));
    const proxied = await StartedTracker.start({ trustProxy: 1 });
    expect(await hostSeenBy(proxied)).toBe('203.0.113.2');
    await proxied.discard();
  });
});

describe('GET /v1/swarms/{infoHash}', () => {
  it('says who is in it and how far each is', async () => {
    const body = JSON.stringify({ peerId: peerId(4), port: 0, swarms: [{ infoHash: infoHash(4), left: 7 }] });
    await tracker.call('POST', '/v1/announce', { body });
    const answer = await tracker.call('GET', `/v1/swarms/${infoHash(4)}`);
    expect(swarmReplySchema.parse(answer.json)).toMatchObject({
      infoHash: infoHash(4),
      seeders: 0,
      leechers: 1,
      peers: [{ peerId: peerId(4), port: 0, left: 7 }],
    });
  });

  it('is empty for a share that nobody has, and unknown for one that nobody registered', async () => {
    const share = metainfo('lonely');
    await tracker.call('PUT', `/v1/shares/${share.infoHash}`, { body: bytesOf(share) });
    const lonely = await tracker.call('GET', `/v1/swarms/${share.infoHash}`);
    expect(lonely.json).toEqual({ infoHash: share.infoHash, seeders: 0, leechers: 0, peers: [] });
    const unknown = await tracker.call('GET', `/v1/swarms/${infoHash(99)}`);
    expect([unknown.status, unknown.json]).toMatchObject([404, { code: 'unknown-share' }]);
  });
});

describe('GET /healthz and /metrics', () => {
  it('say that all is well', async () => {
    const health = await tracker.call('GET', '/healthz');
    expect([health.status, health.json]).toEqual([200, { status: 'ok' }]);
  });

  it('count what the tracker holds, and time calls by route, never by path', async () => {
    const session = await tracker.enter(peerId(60), 0);
    session.send({ kind: 'announce', swarms: [{ infoHash: infoHash(60), left: 0 }] });
    await tracker.call('GET', `/v1/swarms/${infoHash(98)}`);
    await tracker.call('GET', '/some/path');
    await expect
      .poll(async () => (await tracker.call('GET', '/metrics')).text.split('\n'))
      .toEqual(
        expect.arrayContaining([
          'shoal_sessions 1',
          expect.stringMatching(/^shoal_swarms [1-9]/) as string,
          expect.stringMatching(/^shoal_peers [1-9]/) as string,
          expect.stringMatching(/^shoal_shares \d/) as string,
          expect.stringMatching(/^shoal_announced_swarms_total\{via="session"\} [1-9]/) as string,
          expect.stringMatching(/_count\{method="GET",route="\/v1\/swarms\/:infoHash",status="404"\} \d/) as string,
          expect.stringMatching(/_count\{method="GET",route="none",status="404"\} \d/) as string,
        ]),
      );
    await session.close();
  });
});
