import { once } from 'node:events';
import { createServer } from 'node:net';
import { networkInterfaces } from 'node:os';
import { searchReplySchema, swarmReplySchema } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { infoHash, peerId } from './core/desk-world.ts';
import { bytesOf, metainfo } from './metainfos.ts';
import { listeningAgent, StartedTracker } from './started-tracker.ts';

const hasIpv6 = networkInterfaces().lo?.some((address) => address.address === '::1') === true;

describe('a tracker that is started again', () => {
  it('has every share that it acknowledged', async () => {
    const before = await StartedTracker.start();
    const photos = metainfo('photos', ['a.jpg', 'b.jpg']);
    await before.call('PUT', `/v1/shares/${photos.infoHash}`, { body: bytesOf(photos) });
    const after = await (await before.stop()).start();
    expect((await after.call('GET', `/v1/shares/${photos.infoHash}`)).json).toEqual(photos.document);
    const found = searchReplySchema.parse((await after.call('GET', '/v1/shares?query=B.JPG')).json);
    expect(found.shares).toMatchObject([{ name: 'photos', matches: ['b.jpg'] }]);
    await after.discard();
  });

  it('hands out the peers of before at once', async () => {
    const before = await StartedTracker.start();
    const agent = await listeningAgent(peerId(1));
    const seeder = await before.enter(peerId(1), agent.port);
    seeder.send({ kind: 'announce', swarms: [{ infoHash: infoHash(1), left: 0 }] });
    const swarm = async (tracker: StartedTracker) =>
      swarmReplySchema.safeParse((await tracker.call('GET', `/v1/swarms/${infoHash(1)}`)).json).data;
    await expect.poll(() => swarm(before)).toMatchObject({ peers: [{ port: agent.port }] });

    const after = await (await before.stop()).start();
    expect(seeder.closed?.code).toBe(1001);
    const leecher = await after.enter(peerId(2), 0);
    leecher.send({ kind: 'announce', swarms: [{ infoHash: infoHash(1), left: 5 }] });
    expect((await leecher.next('peers')).added).toEqual([{ peerId: peerId(1), host: '127.0.0.1', port: agent.port }]);
    await leecher.close();
    await after.discard();
    await agent.close();
  });

  it('forgets the peers of before that do not come back', async () => {
    const before = await StartedTracker.start({ announceInterval: 1 });
    const body = JSON.stringify({ peerId: peerId(1), port: 0, swarms: [{ infoHash: infoHash(1), left: 0 }] });
    await before.call('POST', '/v1/announce', { body });
    const after = await (await before.stop()).start();
    expect((await after.call('GET', `/v1/swarms/${infoHash(1)}`)).status).toBe(200);
    await expect
      .poll(async () => (await after.call('GET', `/v1/swarms/${infoHash(1)}`)).status, { timeout: 6_000 })
      .toBe(404);
    await after.discard();
  });
});

describe('a tracker on localhost', () => {
  it.runIf(hasIpv6)('answers on both loopback addresses', async () => {
    const tracker = await StartedTracker.start();
    for (const host of ['127.0.0.1', '[::1]']) {
      expect((await fetch(`http://${host}:${String(tracker.port)}/healthz`)).status).toBe(200);
    }
    await tracker.discard();
  });

  it('says so when its port is in use, and leaves nothing open', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
    await expect(StartedTracker.start({ port })).rejects.toMatchObject({ code: 'port-in-use' });
    other.close();
    await once(other, 'close');
    const tracker = await StartedTracker.start({ port });
    expect(tracker.url).toBe(`http://localhost:${String(port)}`);
    await tracker.discard();
  });
});

it('a tracker refuses to listen where this machine is not', async () => {
  await expect(StartedTracker.start({ host: '192.0.2.1' })).rejects.toMatchObject({ code: 'bad-config' });
});

it('a tracker that stops lets calls under way end, and closes within two seconds', async () => {
  const tracker = await StartedTracker.start();
  const session = await tracker.connect();
  session.socket.pause();
  const keptAlive = await fetch(`${tracker.url}/healthz`);
  expect(keptAlive.status).toBe(200);
  const startedAt = performance.now();
  await tracker.discard();
  expect(performance.now() - startedAt).toBeLessThan(2_500);
  session.socket.terminate();
});
