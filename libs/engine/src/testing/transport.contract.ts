import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Link, Transport } from '../shell/ports.ts';

/** Two transports of one network, and what makes its time pass. */
export interface TransportsUnderTest {
  readonly listener: Transport;
  readonly dialler: Transport;
  /** Where the dialler finds the listener. */
  readonly host: string;
  /** A port at which nobody listens. */
  readonly deadPort: number;
  /** Lets time pass until the promise settles. */
  readonly run: <T>(pending: Promise<T>) => Promise<T>;
}

const MIB = 1024 * 1024;

/** The rules of every `Transport` and its `Link`s. */
export function describeTransport(name: string, create: () => Promise<TransportsUnderTest>): void {
  describe(`${name} as a transport`, () => {
    let world: TransportsUnderTest;
    let port: number;
    let accept: (link: Link) => void;
    beforeEach(async () => {
      world = await create();
      port = await world.run(
        world.listener.listen((link) => {
          accept(link);
        }),
      );
    });
    afterEach(() => world.run(Promise.all([world.dialler.stop(), world.listener.stop()])));

    /** A link as its two ends see it. */
    async function connect(): Promise<{ dialled: Link; accepted: Link }> {
      const accepted = new Promise<Link>((resolve) => (accept = resolve));
      const dialled = world.dialler.dial({ host: world.host, port });
      return { dialled: await world.run(dialled), accepted: await world.run(accepted) };
    }

    it('delivers text and binary frames in order, both ways', async () => {
      const { dialled, accepted } = await connect();
      for (const [from, to] of [
        [dialled, accepted],
        [accepted, dialled],
      ] as const) {
        const frames = record(to);
        from.sendText('{"kind":"first"}');
        from.sendBinary(Uint8Array.of(1, 2), Uint8Array.of(3, 4, 5));
        from.sendText('é😀');
        await world.run(frames.reach(3));
        expect(frames.seen).toEqual(['{"kind":"first"}', Uint8Array.of(1, 2, 3, 4, 5), 'é😀']);
      }
    });

    it('keeps the bounds and the bytes of large frames', async () => {
      const { dialled, accepted } = await connect();
      const frames = record(accepted);
      const payload = new Uint8Array(256 * 1024).map((_, at) => at * 7);
      accepted.expectLarge();
      dialled.sendBinary(new Uint8Array(12), payload);
      dialled.sendText('x'.repeat(3 * MIB));
      await world.run(frames.reach(2));
      expect(Buffer.concat([new Uint8Array(12), payload]).equals(frames.seen[0] as Uint8Array)).toBe(true);
      expect(frames.seen[1]).toHaveLength(3 * MIB);
    });

    it('keeps frames that come before anybody receives', async () => {
      const { dialled, accepted } = await connect();
      const answers = record(dialled);
      dialled.sendText('early');
      accepted.sendText('ready');
      await world.run(answers.reach(1));
      const frames = record(accepted);
      dialled.sendText('later');
      await world.run(frames.reach(2));
      expect(frames.seen).toEqual(['early', 'later']);
    });

    it('delivers what was queued before a close, then tells both ends once', async () => {
      const { dialled, accepted } = await connect();
      const [here, there] = [record(dialled), record(accepted)];
      for (let block = 0; block < 20; block++) dialled.sendBinary(new Uint8Array(12), new Uint8Array(256 * 1024));
      dialled.sendText('bye');
      dialled.close();
      await world.run(Promise.all([here.closed, there.closed]));
      expect(there.seen).toHaveLength(21);
      expect(there.seen.at(-1)).toBe('bye');
      expect([here.closes, there.closes]).toEqual([1, 1]);
    });

    it('tells when what was queued has been handed on', async () => {
      const { dialled, accepted } = await connect();
      const [here] = [record(dialled), record(accepted)];
      for (let block = 0; block < 100; block++) dialled.sendBinary(new Uint8Array(12), new Uint8Array(256 * 1024));
      const queuedBytes = dialled.queuedBytes;
      expect(queuedBytes).toBeGreaterThan(MIB);
      await world.run(here.drained);
      expect(dialled.queuedBytes).toBeLessThan(queuedBytes / 2);
    });

    it('counts nothing as queued on an idle link', async () => {
      const { dialled } = await connect();
      expect(dialled.queuedBytes).toBe(0);
    });

    it('fails to dial where nobody listens', async () => {
      const dial = world.dialler.dial({ host: world.host, port: world.deadPort });
      await expect(world.run(dial)).rejects.toMatchObject({ code: 'peer-unreachable' });
    });

    it('closes every link and the listener when it stops', async () => {
      const { dialled } = await connect();
      const here = record(dialled);
      await world.run(world.listener.stop());
      await world.run(here.closed);
      const dial = world.dialler.dial({ host: world.host, port });
      await expect(world.run(dial)).rejects.toMatchObject({ code: 'peer-unreachable' });
    });
  });
}

/** What one end of a link is told. */
interface Recording {
  readonly seen: readonly (string | Uint8Array)[];
  readonly closes: number;
  readonly closed: Promise<void>;
  readonly drained: Promise<void>;
  /** Settles when so many frames have come. */
  reach(count: number): Promise<void>;
}

/** Receives on a link and remembers what comes. */
function record(link: Link): Recording {
  const seen: (string | Uint8Array)[] = [];
  const waiting: { readonly count: number; readonly resolve: () => void }[] = [];
  let closes = 0;
  let onClosed = (): void => undefined;
  let onDrained = (): void => undefined;
  const closed = new Promise<void>((resolve) => (onClosed = resolve));
  const drained = new Promise<void>((resolve) => (onDrained = resolve));
  const note = (frame: string | Uint8Array): void => {
    seen.push(frame);
    for (const { count, resolve } of waiting) if (seen.length >= count) resolve();
  };
  link.receive({
    onText: note,
    onBinary: (frame) => {
      note(Uint8Array.from(frame));
    },
    onTooLarge: () => undefined,
    onDrain: () => {
      onDrained();
    },
    onClose: () => {
      closes++;
      onClosed();
    },
  });
  return {
    seen,
    get closes() {
      return closes;
    },
    closed,
    drained,
    reach: (count) =>
      new Promise((resolve) => {
        if (seen.length >= count) resolve();
        else waiting.push({ count, resolve });
      }),
  };
}
