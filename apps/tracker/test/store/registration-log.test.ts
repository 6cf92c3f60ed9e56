import { describe, expect, it } from 'vitest';
import { MemoryStore } from '../../src/store/memory-store.ts';
import { RegistrationLog } from '../../src/store/registration-log.ts';
import type { Registration, RegistrationKey } from '../../src/store/tracker-store.ts';
import { hashOf, peerOf } from './tracker-store.contract.ts';

const one: Registration = { infoHash: hashOf(1), peerId: peerOf(1), host: '10.0.0.1', port: 1, left: 9 };

/** One of a thousand different ones. */
function manyth(n: number): Registration {
  return { ...one, infoHash: hashOf(n >> 8), peerId: peerOf(n % 256) };
}

class CountingStore extends MemoryStore {
  writes = 0;
  isBroken = false;

  override saveRegistrations(changed: readonly Registration[], removed: readonly RegistrationKey[]): Promise<void> {
    this.writes++;
    return this.isBroken ? Promise.reject(new Error('disk')) : super.saveRegistrations(changed, removed);
  }
}

describe('the registration log', () => {
  it('writes the last word on each registration, in one go', async () => {
    const store = new CountingStore();
    const log = new RegistrationLog(store);
    log.put(one);
    log.put({ ...one, left: 5 });
    log.put({ ...one, peerId: peerOf(2) });
    log.remove(hashOf(1), peerOf(2));
    log.remove(hashOf(1), peerOf(3));
    log.put({ ...one, peerId: peerOf(3) });
    await log.flush();
    expect(await store.loadRegistrations()).toEqual([
      { ...one, left: 5 },
      { ...one, peerId: peerOf(3) },
    ]);
    expect(store.writes).toBe(1);
  });

  it('writes many in several transactions, and lets others have their turn between', async () => {
    const store = new CountingStore();
    const log = new RegistrationLog(store);
    for (let n = 0; n < 1_000; n++) log.put(manyth(n));
    let writesBefore = 0;
    setImmediate(() => (writesBefore = store.writes));
    await log.flush();
    expect(await store.loadRegistrations()).toHaveLength(1_000);
    expect(writesBefore).toBeLessThan(store.writes);
  });

  it('writes a later word after an earlier one, however many are on their way', async () => {
    const store = new CountingStore();
    const log = new RegistrationLog(store);
    for (let n = 0; n < 1_000; n++) log.put({ ...manyth(n), left: 2 });
    const first = log.flush();
    for (let n = 0; n < 1_000; n++) log.put({ ...manyth(n), left: 1 });
    await Promise.all([first, log.flush()]);
    expect(await store.loadRegistrations()).toHaveLength(1_000);
    expect((await store.loadRegistrations()).every(({ left }) => left === 1)).toBe(true);
  });

  it('writes nothing when nothing changed', async () => {
    const store = new CountingStore();
    await new RegistrationLog(store).flush();
    expect(store.writes).toBe(0);
  });

  it('keeps what could not be written, but not over a later word', async () => {
    const store = new CountingStore();
    const log = new RegistrationLog(store);
    log.put(one);
    log.put({ ...one, peerId: peerOf(2) });
    store.isBroken = true;
    const flushing = log.flush();
    log.put({ ...one, left: 1 });
    await expect(flushing).rejects.toThrow('disk');
    store.isBroken = false;
    await log.flush();
    expect(new Set(await store.loadRegistrations())).toEqual(
      new Set([
        { ...one, left: 1 },
        { ...one, peerId: peerOf(2) },
      ]),
    );
  });
});
