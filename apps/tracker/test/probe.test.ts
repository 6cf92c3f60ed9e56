import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { promisify } from 'node:util';
import { LIMITS } from '@shoal/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Probe } from '../src/probe.ts';

let agent: Server;
let port: number;
let connections = 0;
beforeEach(async () => {
  connections = 0;
  agent = createServer((socket) => {
    connections++;
    socket.on('error', () => undefined).resume();
  });
  agent.listen(0, '127.0.0.1');
  await once(agent, 'listening');
  const address = agent.address();
  port = typeof address === 'object' ? (address?.port ?? 0) : 0;
});
afterEach(async () => {
  agent.close();
  await once(agent, 'close');
});

describe('a probe', () => {
  it('finds the first host that accepts a connection', async () => {
    expect(await new Probe().probe({ hosts: ['no-such-host.invalid', '127.0.0.1'], port })).toBe('127.0.0.1');
  });

  it('finds none where nobody listens', async () => {
    agent.close();
    await once(agent, 'close');
    expect(await new Probe().probe({ hosts: ['127.0.0.1'], port })).toBeUndefined();
    agent = createServer().listen(0);
    await once(agent, 'listening');
  });

  it('leaves no connection open', async () => {
    await new Probe().probe({ hosts: ['127.0.0.1'], port });
    const open = promisify(agent.getConnections.bind(agent));
    await expect.poll(() => open()).toBe(0);
  });

  it('waits for its turn, and then runs', async () => {
    const probe = new Probe(1);
    const found = await Promise.all([1, 2, 3].map(() => probe.probe({ hosts: ['127.0.0.1'], port })));
    expect(found).toEqual(['127.0.0.1', '127.0.0.1', '127.0.0.1']);
    expect(connections).toBe(3);
  });

  it('that is stopped ends at once, and so do those that wait', async () => {
    const probe = new Probe(1);
    // A documentation address: nobody answers, nobody refuses.
    const silent = [1, 2, 3].map(() => probe.probe({ hosts: ['192.0.2.1'], port: 9 }));
    const startedAt = performance.now();
    probe.stop();
    expect(await Promise.all(silent)).toEqual([undefined, undefined, undefined]);
    expect(performance.now() - startedAt).toBeLessThan(LIMITS.probeMs / 2);
  });
});
