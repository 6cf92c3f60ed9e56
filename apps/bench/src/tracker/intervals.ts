import { once } from 'node:events';
import { WebSocket } from 'ws';
import type { AnsweringAgents } from './answering-agents.ts';
import { announcePath } from './contenders.ts';
import { bitTorrentInfoHash, bitTorrentPeerId } from './population.ts';
import type { Server } from './servers.ts';
import { textOf } from './sessions.ts';

/** The announce interval that a BitTorrent tracker answers by HTTP, in seconds. */
export async function httpInterval({ host, port }: Server, agents: AnsweringAgents): Promise<number> {
  const path = announcePath({ swarm: 0, agent: 0, left: 1 }, agents);
  const answer = await (await fetch(`http://${host}:${port}${path}`)).text();
  return Number(/8:intervali(\d+)e/.exec(answer)?.[1]);
}

/** The one that it answers over a WebSocket. */
export async function webSocketInterval({ host, port }: Server): Promise<number> {
  const socket = new WebSocket(`ws://${host}:${port}/`, { perMessageDeflate: false });
  await once(socket, 'open');
  const announce = { action: 'announce', info_hash: bitTorrentInfoHash(0).toString('latin1'), left: 1 };
  const answered = new Promise<string>((resolve) => {
    socket.once('message', (data) => {
      resolve(textOf(data));
    });
  });
  socket.send(JSON.stringify({ ...announce, peer_id: bitTorrentPeerId(0), numwant: 5, uploaded: 0, downloaded: 0 }));
  const answer = await answered;
  socket.terminate();
  return Number(/"interval":(\d+)/.exec(answer)?.[1]);
}
