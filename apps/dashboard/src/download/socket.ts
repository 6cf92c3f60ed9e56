/** What a link needs of a WebSocket, and the browser's own. */
import { PEER_SUBPROTOCOL } from '@shoal/protocol';

export interface SocketHandlers {
  onOpen(): void;
  onMessage(data: string | ArrayBuffer): void;
  /** Called once, also when it never opened; a browser does not tell a page why. */
  onClose(): void;
}

export interface Socket {
  send(text: string): void;
  close(): void;
}

/** Opens a socket with the subprotocol of links. Throws where the browser does not even try. */
export type OpenSocket = (url: string, handlers: SocketHandlers) => Socket;

export const openBrowserSocket: OpenSocket = (url, handlers) => {
  const socket = new WebSocket(url, PEER_SUBPROTOCOL);
  socket.binaryType = 'arraybuffer';
  socket.addEventListener('open', () => {
    handlers.onOpen();
  });
  socket.addEventListener('message', ({ data }: MessageEvent<string | ArrayBuffer>) => {
    handlers.onMessage(data);
  });
  socket.addEventListener('close', () => {
    handlers.onClose();
  });
  return {
    send: (text) => {
      if (socket.readyState === WebSocket.OPEN) socket.send(text);
    },
    close: () => {
      socket.close();
    },
  };
};
