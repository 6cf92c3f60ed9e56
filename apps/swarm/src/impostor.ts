/** The engine of an agent with a store that holds nothing but noise, and a witness on every link. */
import { randomBytes } from 'node:crypto';
import { Engine, type EnginePorts, type Link, type PieceStore, type Transport } from '@shoal/engine';
import { Bitfield, parsePeerMessage, type Metainfo, type PeerId } from '@shoal/protocol';
import type { Happening } from './chronicle.ts';

/** What an impostor is made of. */
export interface ImpostorParts {
  readonly peerId: PeerId;
  readonly ports: EnginePorts;
  readonly note: (happening: Happening) => void;
  readonly say: (text: string) => void;
}

/** A peer that keeps every rule but one: what it sends is not what was asked for. Whoever makes it starts and stops it. */
export function createImpostor({ peerId, ports, note, say }: ImpostorParts): Engine {
  const witness = (link: Link): Link => watchLink(link, { note, say });
  const transport: Transport = {
    listen: (onLink) =>
      ports.transport.listen((link) => {
        onLink(witness(link));
      }),
    dial: async (address) => witness(await ports.transport.dial(address)),
    stop: () => ports.transport.stop(),
  };
  return new Engine({ peerId, agent: 'saboteur/0.1.0', ports: { ...ports, transport } });
}

/** Enters the swarm of a share as one who has all of it. */
export function offerNoise(engine: Pick<Engine, 'add'>, metainfo: Metainfo, tracker: string): void {
  const have = Bitfield.full(metainfo.layout.pieceCount);
  engine.add({ metainfo, store: NOISE, have, trackers: [tracker] });
}

const nothing = (): Promise<void> => Promise.resolve();
const NOISE: PieceStore = {
  readBlock: ({ length }) => Promise.resolve(randomBytes(length)),
  writePiece: nothing,
  finish: nothing,
  close: nothing,
};

/** Notes who is at the other end, that it was sent noise, and that it says why it hangs up. */
function watchLink(link: Link, { note, say }: Pick<ImpostorParts, 'note' | 'say'>): Link {
  let peerId: PeerId | undefined;
  let isDeceived = false;
  const hear = (frame: string): void => {
    const message = parsePeerMessage(frame);
    if (message.kind === 'hello') peerId = message.peerId;
    if (message.kind !== 'bye' || message.code !== 'bad-piece' || peerId === undefined) return;
    note({ kind: 'banned-by', peerId });
    say(`banned by ${link.remoteHost}: ${message.message}`);
  };
  return {
    remoteHost: link.remoteHost,
    get queuedBytes() {
      return link.queuedBytes;
    },
    receive(handlers) {
      const onText = (frame: string): void => {
        hear(frame);
        handlers.onText(frame);
      };
      link.receive({
        onText,
        onBinary: (frame) => {
          handlers.onBinary(frame);
        },
        onTooLarge: () => {
          handlers.onTooLarge();
        },
        onDrain: () => {
          handlers.onDrain();
        },
        onClose: () => {
          handlers.onClose();
        },
      });
    },
    sendText: (frame) => {
      link.sendText(frame);
    },
    sendBinary(header, payload) {
      if (!isDeceived && peerId !== undefined) {
        isDeceived = true;
        note({ kind: 'deceived', peerId });
        say(`sends noise to ${link.remoteHost}`);
      }
      link.sendBinary(header, payload);
    },
    expectLarge: () => {
      link.expectLarge();
    },
    close: () => {
      link.close();
    },
  };
}
