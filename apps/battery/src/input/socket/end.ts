/** How a connection ended, in the words of the rows. */
import type { RawSocket } from './raw-socket.ts';

/** Waits for the end: `bye CODE` or `error CODE` when that was said, else `close CODE`, else `cut`. */
export function endOf(socket: RawSocket, farewell: 'bye' | 'error'): Promise<string> {
  return socket.until('the connection to end', ({ messages, closeCode, isEnded }) => {
    const said = messages.find(({ kind }) => kind === farewell);
    if (said !== undefined) return `${farewell} ${String(said.code)}`;
    if (closeCode !== undefined) return `close ${String(closeCode)}`;
    return isEnded ? 'cut' : undefined;
  });
}

/** Waits for two signs of life, and says how it ended if it did: `goes on`. */
export async function afterPings(socket: RawSocket, farewell: 'bye' | 'error'): Promise<string> {
  const lives = (await socket.ping()) && (await socket.ping());
  const hasEnded = !lives || socket.closeCode !== undefined || socket.messages.some(({ kind }) => kind === farewell);
  return hasEnded ? endOf(socket, farewell) : 'goes on';
}
