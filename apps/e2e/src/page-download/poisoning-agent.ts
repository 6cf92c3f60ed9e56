/** An agent that keeps to the protocol in all but one thing: no byte that it sends is right. */
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import {
  Bitfield,
  encodeBlockHeader,
  encodePeerMessage,
  parsePeerMessage,
  PEER_SUBPROTOCOL,
  sha256Hex,
  type Metainfo,
  type PeerId,
  type PeerMessage,
} from '@shoal/protocol';
import { WebSocketServer, type WebSocket } from 'ws';

const CHANNEL = 3;
const PEER_ID = sha256Hex('a poisoning agent') as string as PeerId;

export interface PoisoningAgent {
  readonly peerId: PeerId;
  readonly port: number;
  /** Blocks that it has sent. */
  readonly sentBlocks: number;
  /** Codes with which its links were closed. */
  readonly goodByes: readonly string[];
  stop(): void;
}

export async function startPoisoningAgent(metainfo: Metainfo): Promise<PoisoningAgent> {
  const server = new WebSocketServer({ port: 0, host: '127.0.0.1', handleProtocols: () => PEER_SUBPROTOCOL });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const goodByes: string[] = [];
  let sentBlocks = 0;
  server.on('connection', (socket) => {
    say(socket, { kind: 'hello', version: 1, peerId: PEER_ID, port, agent: 'poison' });
    socket.on('message', (data: Buffer) => {
      const message = parsePeerMessage(data.toString());
      if (message.kind === 'bye') goodByes.push(message.code);
      sentBlocks += answer(socket, message, metainfo);
    });
  });
  return {
    peerId: PEER_ID,
    port,
    goodByes,
    get sentBlocks() {
      return sentBlocks;
    },
    stop: () => {
      for (const client of server.clients) client.terminate();
      server.close();
    },
  };
}

/** @returns the number of blocks that it sends */
function answer(socket: WebSocket, message: PeerMessage, { infoHash, layout }: Metainfo): number {
  if (message.kind === 'join') {
    say(socket, { kind: 'join', channel: CHANNEL, infoHash });
    say(socket, { kind: 'bitfield', channel: CHANNEL, bits: Bitfield.full(layout.pieceCount).toBase64() });
  } else if (message.kind === 'interested') {
    say(socket, { kind: 'offer', channel: CHANNEL, pieces: (message.first ?? []).slice(0, 2) });
  } else if (message.kind === 'request') {
    for (const [piece, begin, length] of message.blocks) {
      socket.send(Buffer.concat([encodeBlockHeader(CHANNEL, piece, begin), Buffer.alloc(length, 0xaa)]));
    }
    return message.blocks.length;
  }
  return 0;
}

function say(socket: WebSocket, message: PeerMessage): void {
  socket.send(encodePeerMessage(message));
}
