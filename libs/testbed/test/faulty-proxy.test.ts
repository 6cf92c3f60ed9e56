import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { FaultyProxy } from '../src/faulty-proxy.ts';
import { sampleBytes } from '../src/sample-data.ts';

/** Timers may fire so much before their time. */
const EARLY_MS = 2;
const KIB = 1024;

/** One end of a connection, with what became of it. */
interface End {
  readonly socket: Socket;
  readonly reads: number[];
  readonly heard: () => Buffer;
  ending: 'FIN' | 'RST' | undefined;
}

let proxy: FaultyProxy;
let served: End[];
let dial: () => Promise<End>;
let clear: () => Promise<void>;

beforeEach(async () => {
  served = [];
  const server = createServer({ allowHalfOpen: true }, (socket) => served.push(watch(socket)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  let draws = 0;
  // Of any ten connections in a row, three are below 0.3.
  const chance = (): number => (draws++ % 10) / 10;
  proxy = await FaultyProxy.start({
    target: { host: '127.0.0.1', port: (server.address() as AddressInfo).port },
    chance,
  });
  const dialled: Socket[] = [];
  dial = async () => {
    const socket = connect({ port: proxy.port, host: proxy.host, allowHalfOpen: true });
    dialled.push(socket);
    const end = watch(socket);
    await until('the dial', () => !socket.connecting);
    return end;
  };
  clear = async () => {
    await proxy.stop();
    for (const socket of [...dialled, ...served.map((end) => end.socket)]) socket.destroy();
    server.close();
    await once(server, 'close');
  };
});
afterEach(() => clear());

function watch(socket: Socket): End {
  const parts: Buffer[] = [];
  const end: End = { socket, reads: [], heard: () => Buffer.concat(parts), ending: undefined };
  socket.on('data', (bytes: Buffer) => {
    parts.push(bytes);
    end.reads.push(bytes.length);
  });
  socket.once('end', () => (end.ending = 'FIN'));
  socket.once('error', () => (end.ending = 'RST'));
  return end;
}

/** A connection that stands, seen from both ends. */
async function pair(): Promise<{ caller: End; target: End }> {
  const number = served.length;
  const caller = await dial();
  const target = await until('the target to be dialled', () => served[number]);
  return { caller, target };
}

function until<T>(what: string, look: () => T | undefined | false): Promise<T> {
  return eventually(what, () => {
    const seen = look();
    return Promise.resolve(seen === false ? undefined : seen);
  });
}

async function arrives({ heard }: End, bytes: Buffer): Promise<void> {
  await until(`${bytes.length} bytes`, () => heard().length >= bytes.length);
  expect(heard().equals(bytes)).toBe(true);
}

const some = sampleBytes('some', 64 * KIB);

describe('a faulty proxy', () => {
  it('carries everything both ways, and ends in order', async () => {
    const { caller, target } = await pair();
    const much = sampleBytes('much', 8 * KIB * KIB);
    caller.socket.end(much);
    await arrives(target, much);
    await until('a FIN', () => target.ending);
    target.socket.end(some);
    await arrives(caller, some);
    await until('a FIN', () => caller.ending);
    expect([caller.ending, target.ending]).toEqual(['FIN', 'FIN']);
  });

  it('passes a reset on', async () => {
    const { caller, target } = await pair();
    target.socket.resetAndDestroy();
    await until('the end', () => caller.ending);
    expect(caller.ending).toBe('RST');
  });

  it('lets the sender feel a receiver that reads nothing', async () => {
    const { caller, target } = await pair();
    target.socket.pause();
    const much = Buffer.alloc(KIB * KIB);
    // Buffers of the system grow, but not for ever.
    let blocks = 0;
    await until('the sender to wait', () => {
      if (caller.socket.writableLength > much.length) return true;
      caller.socket.write(much);
      blocks++;
      return false;
    });
    target.socket.resume();
    await until('all bytes', () => target.reads.reduce((sum, bytes) => sum + bytes, 0) === blocks * much.length);
  });

  it('keeps bytes on their way for the latency', async () => {
    const { caller, target } = await pair();
    proxy.lay({ latencyMs: 60 });
    const since = performance.now();
    caller.socket.write(some);
    await arrives(target, some);
    expect(performance.now() - since).toBeGreaterThanOrEqual(60 - EARLY_MS);
  });

  it('lets no more through than the rate', async () => {
    const { caller, target } = await pair();
    proxy.lay({ bytesPerSecond: 512 * KIB });
    const since = performance.now();
    caller.socket.write(some);
    await arrives(target, some);
    // The first part goes at once, and there are fifty in a second.
    expect(performance.now() - since).toBeGreaterThanOrEqual(125 - 1_000 / 50 - EARLY_MS);
  });

  it('hands over in slices', async () => {
    const { caller, target } = await pair();
    proxy.lay({ sliceBytes: 700 });
    caller.socket.write(some);
    await arrives(target, some);
    expect(target.reads.length).toBeGreaterThan(10);
  });

  it('keeps the end of a connection on its way for longer than its bytes', async () => {
    const { caller, target } = await pair();
    proxy.lay({ slowCloseMs: 60 });
    const since = performance.now();
    caller.socket.end(some);
    await arrives(target, some);
    await until('a FIN', () => target.ending);
    expect(performance.now() - since).toBeGreaterThanOrEqual(60 - EARLY_MS);
  });

  it('holds what comes until the fault is lifted, and loses nothing', async () => {
    const { caller, target } = await pair();
    const lift = proxy.lay({ isHeld: true }, { towards: 'target' });
    caller.socket.write(some);
    target.socket.write(some);
    await arrives(caller, some);
    expect(target.heard()).toHaveLength(0);
    lift();
    await arrives(target, some);
  });

  it('swallows in a black hole, for those who come as well, and tells nobody of an end', async () => {
    const first = await pair();
    const lift = proxy.lay({ isBlackHole: true });
    first.caller.socket.end(some);
    const second = await dial();
    second.socket.write(some);
    lift();
    // A third one shows that all that was to come has come.
    const third = await pair();
    third.caller.socket.write(some);
    await arrives(third.target, some);
    expect(first.target).toMatchObject({ reads: [], ending: undefined });
    expect(second).toMatchObject({ reads: [], ending: undefined });
    expect(served).toHaveLength(2);
  });

  it('aims at one connection', async () => {
    const [first, second] = [await pair(), await pair()];
    proxy.lay({ isHeld: true }, { only: (connection) => connection === 0 });
    first.caller.socket.write(some);
    second.caller.socket.write(some);
    await arrives(second.target, some);
    expect(first.target.heard()).toHaveLength(0);
  });

  it('cuts in order on both sides', async () => {
    const { caller, target } = await pair();
    proxy.cut();
    await until('both ends', () => caller.ending && target.ending);
    expect([caller.ending, target.ending]).toEqual(['FIN', 'FIN']);
  });

  it('resets one connection on both sides', async () => {
    const [first, second] = [await pair(), await pair()];
    proxy.reset((connection) => connection === 1);
    await until('both ends', () => second.caller.ending && second.target.ending);
    expect([second.caller.ending, second.target.ending]).toEqual(['RST', 'RST']);
    expect([first.caller.ending, first.target.ending]).toEqual([undefined, undefined]);
  });

  it('refuses everybody who comes when all are to be reset at once', async () => {
    proxy.resetSome({ share: 1, withinBytes: 0 });
    const caller = await dial();
    await until('the end', () => caller.socket.destroyed);
    expect(served).toEqual([]);
    expect(proxy.resetCount).toBe(1);
  });

  it('resets a share of the connections in the middle of what they carry', async () => {
    proxy.resetSome({ share: 0.3, withinBytes: some.length });
    // The draws: 0 is below the share and 0.1 of the bytes, then 0.2 and 0.3, then seven that are not below.
    const callers: End[] = [];
    for (let number = 0; number < 8; number++) {
      const { caller } = await pair();
      caller.socket.write(some);
      callers.push(caller);
    }
    await until('the resets', () => callers.filter(({ ending }) => ending === 'RST').length === 2);
    await until('the rest', () => served.slice(2).every(({ heard }) => heard().equals(some)));
    expect([proxy.connectionCount, proxy.resetCount]).toEqual([8, 2]);
  });

  it('leaves nothing open when it stops', async () => {
    const { caller, target } = await pair();
    proxy.lay({ isBlackHole: true });
    const swallowed = await dial();
    await proxy.stop();
    await until('all ends', () =>
      [caller, target, swallowed].every(({ ending, socket }) => ending ?? socket.destroyed),
    );
  });
});
