import { once } from 'node:events';
import { FLEET_PATH, type View } from '@shoal/protocol';
import { WebSocket } from 'ws';

/** Pages that look, and read what they are told without making anything of it. */
export class Pages {
  readonly #sockets: readonly WebSocket[];
  #bytes = 0;

  private constructor(sockets: readonly WebSocket[]) {
    this.#sockets = sockets;
    for (const socket of sockets) {
      socket.on('message', (data: Buffer) => {
        this.#bytes += data.length;
      });
    }
  }

  static async open(port: number, views: readonly View[]): Promise<Pages> {
    const sockets = await Promise.all(
      views.map(async (view) => {
        const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${FLEET_PATH}`, { perMessageDeflate: false });
        await once(socket, 'open');
        socket.send(JSON.stringify({ kind: 'look', view }));
        return socket;
      }),
    );
    return new Pages(sockets);
  }

  /** Bytes that all were told so far. */
  get bytes(): number {
    return this.#bytes;
  }

  async close(): Promise<void> {
    await Promise.all(
      this.#sockets.map(async (socket) => {
        const closed = once(socket, 'close');
        socket.close();
        await closed;
      }),
    );
  }
}
