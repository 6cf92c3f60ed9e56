import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { LIMITS } from '@shoal/protocol';
import { afterEach, describe, expect, it } from 'vitest';
import { Probe } from '../src/probe.ts';
import { peerId } from './core/desk-world.ts';
import { listeningAgent, type ListeningAgent } from './started-tracker.ts';

const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0)) await cleanUp();
});

async function anAgent(n: number): Promise<ListeningAgent> {
  const agent = await listeningAgent(peerId(n));
  cleanUps.push(() => agent.close());
  return agent;
}

/** Starts a server of another kind; returns its port. */
async function serve(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on('connection', (socket) => sockets.add(socket.on('error', () => undefined)));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  cleanUps.push(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, 'close');
  });
  const address = server.address();
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const at = (port: number, host = '127.0.0.1') => ({ host, port });

describe('a probe', () => {
  it('finds the first address where the agent answers', async () => {
    const { port } = await anAgent(1);
    const addresses = [at(port, 'no-such-host.invalid'), at(port), at(port, 'localhost')];
    expect(await new Probe().probe(peerId(1), addresses)).toEqual({ at: at(port) });
  });

  it('finds the agent at its second address though the first one takes all the time', async () => {
    const { port } = await anAgent(1);
    // A documentation address: nobody answers, nobody refuses.
    expect(await new Probe().probe(peerId(1), [at(9, '192.0.2.1'), at(port)])).toEqual({ at: at(port) });
  });

  it('finds none where another agent answers', async () => {
    const { port } = await anAgent(2);
    expect(await new Probe().probe(peerId(1), [at(port)])).toBe('unreachable');
  });

  it('finds none where another program answers, or nobody', async () => {
    const web = await serve(createHttpServer((_request, response) => response.end('hello')));
    const rude = await serve(createServer((socket) => socket.destroy()));
    const noisy = await serve(createServer((socket) => socket.end('SSH-2.0-OpenSSH\r\n')));
    for (const port of [web, rude, noisy]) expect(await new Probe().probe(peerId(1), [at(port)])).toBe('unreachable');
    expect(await new Probe().probe(peerId(1), [at(1)])).toBe('unreachable');
    expect(await new Probe().probe(peerId(1), [])).toBe('unreachable');
  });

  it('cannot decide where all links are taken, or nothing is said in time', async () => {
    const full = await serve(
      createHttpServer().on('upgrade', (_request, socket) => socket.end('HTTP/1.1 503 x\r\n\r\n')),
    );
    const silent = await serve(createServer());
    for (const port of [full, silent]) expect(await new Probe().probe(peerId(1), [at(port)])).toBe('undecided');
  });

  it('does not take a name for an address of others when it leads to this machine', async () => {
    const { port } = await anAgent(1);
    expect(await new Probe().probe(peerId(1), [at(port, 'localhost')])).toEqual({ at: at(port, 'localhost') });
    // Every resolver turns this form into 127.0.0.1, and it does not look like it.
    expect(await new Probe().probe(peerId(1), [at(port, '0x7f.1')])).toBe('unreachable');
  });

  it('says nothing, closes in order and leaves no connection open', async () => {
    const agent = await anAgent(1);
    await new Probe().probe(peerId(1), [at(agent.port)]);
    const [visit] = agent.visits;
    await expect.poll(() => visit?.socket.readyState).toBe(visit?.socket.CLOSED);
    expect(visit?.said).toEqual([]);
  });

  it('waits for its turn, and then runs', async () => {
    const probe = new Probe(1);
    const agent = await anAgent(1);
    const found = await Promise.all([1, 2, 3].map(() => probe.probe(peerId(1), [at(agent.port)])));
    expect(found).toEqual([1, 2, 3].map(() => ({ at: at(agent.port) })));
    expect(agent.visits).toHaveLength(3);
  });

  it('visits no more at once than it may', async () => {
    let visits = 0;
    const port = await serve(createServer(() => visits++));
    const probe = new Probe(2);
    const waiting = [1, 2, 3, 4].map(() => probe.probe(peerId(1), [at(port)]));
    await expect.poll(() => visits).toBe(2);
    // Whoever had set out with the first two would be there before this one.
    const last = connect(port, '127.0.0.1');
    await expect.poll(() => visits).toBeGreaterThan(2);
    expect(visits).toBe(3);
    last.destroy();
    probe.stop();
    await Promise.all(waiting);
  });

  it('that is stopped ends at once, and so do those that wait', async () => {
    const probe = new Probe(1);
    const silent = [1, 2, 3].map(() => probe.probe(peerId(1), [at(9, '192.0.2.1')]));
    const startedAt = performance.now();
    probe.stop();
    expect(await Promise.all(silent)).toEqual(['unreachable', 'unreachable', 'unreachable']);
    expect(performance.now() - startedAt).toBeLessThan(LIMITS.probeMs / 2);
  });
});
