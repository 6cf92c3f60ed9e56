import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { peerIdOf, type HandedPeer } from '@shoal/protocol';
import type { Part } from '../battery.ts';
import { atMost, type Figure } from '../figure.ts';
import { onLines, type Lines } from './lines.ts';

const MiB = 1024 * 1024;
const HOST = '127.0.0.1';
const DEAD = 47;
const LIVE = 3;
const USED_S = 3;

/** A hand-out is full of addresses where nobody is any more, those first. */
export const DEAD_ADDRESSES: Part = {
  name: '47 of 50 addresses dead',
  run: () =>
    onLines({ bytes: 4 * MiB, seeders: LIVE, uploadLimit: '2M' }, async (swarm) => [
      ...(await among(swarm, 'refuse')),
      ...(await among(swarm, 'say nothing')),
    ]),
};

async function among(swarm: Lines, how: 'refuse' | 'say nothing'): Promise<readonly Figure[]> {
  const dead = await deadAddresses();
  try {
    if (how === 'refuse') await dead.close();
    const download = await swarm.download([...dead.addresses, ...swarm.addresses]);
    const what = `${DEAD} of ${DEAD + LIVE} addresses ${how}`;
    const first = atMost({
      what: `${what}: first byte from one of the others`,
      unit: 's',
      limit: USED_S,
      seen: await download.firstByteS(),
      isTiming: true,
    });
    const right = await download.isRight(what);
    await download.agent.program.end();
    return [first, right];
  } finally {
    await dead.close();
  }
}

/** Ports where connections are taken and nothing is said, until they are closed: then they are refused. */
async function deadAddresses(): Promise<{ addresses: readonly HandedPeer[]; close: () => Promise<void> }> {
  const sockets = new Set<Socket>();
  const servers: Server[] = [];
  const addresses: HandedPeer[] = [];
  for (let number = 0; number < DEAD; number++) {
    const server = createServer((socket) => {
      sockets.add(socket.resume());
      socket.on('error', () => undefined).once('close', () => sockets.delete(socket));
    }).listen(0, HOST);
    await once(server, 'listening');
    servers.push(server);
    const { port } = server.address() as AddressInfo;
    addresses.push({ peerId: peerIdOf(randomBytes(32)), host: HOST, port });
  }
  const close = async (): Promise<void> => {
    for (const socket of sockets) socket.destroy();
    for (const server of servers.splice(0)) {
      server.close();
      await once(server, 'close');
    }
  };
  return { addresses, close };
}
