import { ShoalError, type InfoHash } from '@shoal/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { EngineWorld, SHARE } from './engine-world.ts';
import { aPeerId } from './fake-link.ts';

let world: EngineWorld;
beforeEach(() => {
  world = new EngineWorld();
});

const { infoHash } = SHARE;
const codeOf = (error: unknown): string => (error as ShoalError).code;

describe('an engine that is stopped', () => {
  it('leaves no timer, whatever was under way', async () => {
    const [seeder, leecher] = [
      await world.startEngine(1, { uploadBytesPerSecond: 10_000 }),
      await world.startEngine(2),
    ];
    world.seed(seeder.engine);
    world.leech(leecher.engine);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(3_000);
    void leecher.engine.search('zeros');
    void leecher.engine.fetchMetainfo('f'.repeat(64) as InfoHash).catch(() => undefined);
    leecher.engine.connect({ host: '10.9.9.9', port: 1 }).catch(() => undefined);
    expect([seeder.clock.openTimers > 0, leecher.clock.openTimers > 0]).toEqual([true, true]);
    await Promise.all([seeder.engine.stop(), leecher.engine.stop()]);
    await world.pass(60_000);
    expect([seeder.clock.openTimers, leecher.clock.openTimers]).toEqual([0, 0]);
  });

  it('has left its trackers, its links and its shares', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    world.leech(leecher.engine);
    const finished = leecher.engine.whenFinished(infoHash).catch(codeOf);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(500);
    await leecher.engine.stop();
    await world.pass(500);
    expect(await finished).toBe('shutting-down');
    expect(leecher.told.at(-1)).toBe('stop');
    expect(leecher.engine.snapshot()).toMatchObject({ swarms: [], links: [], trackers: [] });
    expect(seeder.engine.snapshot().links).toEqual([]);
  });

  it('answers nobody any more, and fails who dials through it', async () => {
    const [one, two] = [await world.startEngine(1), await world.startEngine(2)];
    await one.engine.stop();
    const dials = Promise.all([
      two.engine.connect(one.host.address).catch(codeOf),
      one.engine.connect(two.host.address).catch(codeOf),
    ]);
    await world.pass(30_000);
    expect((await dials)[0]).toBe('peer-unreachable');
    expect(await dials).not.toContain(aPeerId(2));
  });
});

describe('a share', () => {
  it('is announced when it is added, and again when it is complete', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    world.leech(leecher.engine);
    expect([seeder.told, leecher.told]).toEqual([['announce 0'], [`announce ${String(SHARE.info.length)}`]]);
    const finished = leecher.engine.whenFinished(infoHash);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(4_000);
    await finished;
    expect(leecher.told).toEqual([`announce ${String(SHARE.info.length)}`, 'announce 0']);
  });

  it('that lacks pieces tells the tracker every five seconds how far it is', async () => {
    const { engine, told } = await world.startEngine(1);
    world.leech(engine);
    told.length = 0;
    await world.pass(10_500);
    expect(told).toHaveLength(2);
  });

  it('is in once, however often it is added', async () => {
    const { engine, told } = await world.startEngine(1);
    world.seed(engine);
    world.leech(engine);
    expect(engine.snapshot().swarms).toHaveLength(1);
    expect(told).toEqual(['announce 0']);
  });

  it('that is removed is left everywhere', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    world.leech(leecher.engine);
    const finished = leecher.engine.whenFinished(infoHash).catch(codeOf);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(500);
    await leecher.engine.remove(infoHash);
    await leecher.engine.remove(infoHash);
    await world.pass(500);
    expect(await finished).toBe('shutting-down');
    expect(leecher.told.at(-1)).toBe('leave');
    expect(seeder.engine.snapshot().swarms[0]?.peers).toEqual([]);
    await expect(leecher.engine.whenFinished(infoHash)).rejects.toMatchObject({ code: 'unknown-share' });
  });

  it('that cannot be read is withdrawn: shown with its problem, left at the tracker, not announced again', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    const broken = world.aStore(() => {
      throw new ShoalError('content-mismatch', 'the file changed');
    });
    broken.close = () => Promise.reject(new ShoalError('storage-failed', 'closing it'));
    world.seed(seeder.engine, broken);
    world.leech(leecher.engine);
    await world.pass(10);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(2_000);
    expect(seeder.engine.snapshot().swarms).toMatchObject([{ problem: { code: 'content-mismatch' }, peers: [] }]);
    expect(seeder.told).toEqual(['announce 0', 'leave']);
    expect(leecher.engine.snapshot().swarms[0]?.peers).toEqual([]);
  });
});

describe('one share of an engine', () => {
  it('is seen as in the snapshot of all, with the pieces that are verified', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    world.leech(leecher.engine);
    expect(leecher.engine.verifiedPieces(infoHash)?.count).toBe(0);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(5_000);
    const pieces = leecher.engine.verifiedPieces(infoHash);
    expect(pieces?.isFull).toBe(true);
    expect(leecher.engine.swarmSnapshot(infoHash)).toEqual(leecher.engine.snapshot().swarms[0]);
    pieces?.delete(0);
    expect(leecher.engine.verifiedPieces(infoHash)?.isFull).toBe(true);
  });

  it('has seen more events when something happened, and no more when nothing did', async () => {
    const [seeder, leecher] = [await world.startEngine(1), await world.startEngine(2)];
    world.seed(seeder.engine);
    await world.pass(5_000);
    const before = seeder.engine.eventCount(infoHash) ?? NaN;
    await world.pass(60_000);
    expect(seeder.engine.eventCount(infoHash)).toBe(before);
    world.leech(leecher.engine);
    void leecher.engine.connect(seeder.host.address);
    await world.pass(5_000);
    expect(seeder.engine.eventCount(infoHash)).toBeGreaterThan(before);
  });

  it('that is not there is nothing', async () => {
    const { engine } = await world.startEngine(1);
    expect(engine.swarmSnapshot(infoHash)).toBeUndefined();
    expect(engine.eventCount(infoHash)).toBeUndefined();
    expect(engine.verifiedPieces(infoHash)).toBeUndefined();
  });
});
