/** A link to a built agent whose other end breaks rules. */
import { randomBytes } from 'node:crypto';
import { PEER_PATH, PEER_PROTOCOL_VERSION, PEER_SUBPROTOCOL, type InfoHash } from '@shoal/protocol';
import { RawSocket } from '../socket/raw-socket.ts';

/** An upgrade as agents ask for it. */
export function linkUpgrade(port: number): { port: number; path: string; headers: Record<string, string> } {
  return { port, path: PEER_PATH, headers: { 'Sec-WebSocket-Protocol': PEER_SUBPROTOCOL } };
}

/** Opens a link and says nothing. */
export function openSilentLink(port: number): Promise<RawSocket> {
  return RawSocket.open(linkUpgrade(port));
}

/** Opens a link and exchanges hellos, as a peer that nobody has met. */
export async function openLink(port: number): Promise<RawSocket> {
  const link = await openSilentLink(port);
  await link.heard('hello');
  link.tell(helloOf(randomBytes(32).toString('hex')));
  return link;
}

/** Opens a link and enters a swarm under channel 1, without a bitfield yet. */
export async function openJoined(port: number, infoHash: InfoHash): Promise<RawSocket> {
  const link = await openLink(port);
  link.tell({ kind: 'join', channel: 1, infoHash });
  await link.heard('bitfield');
  return link;
}

/** A hello of a peer that accepts no links. */
export function helloOf(peerId: string): { kind: string; [key: string]: unknown } {
  return { kind: 'hello', version: PEER_PROTOCOL_VERSION, peerId, port: 0, agent: 'hostile' };
}
