/** Pages that look, and read what they are told without making anything of it. */
import { once } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { FLEET_PATH, type View } from '@shoal/protocol';
import { WebSocket } from 'ws';

/** What the pages are asked to be: one for each view. */
export interface PagesOrder {
  readonly port: number;
  readonly views: readonly View[];
}

/** Bytes that all pages were told so far. */
export interface PagesNews {
  readonly bytes: number;
}

const NEWS_MS = 250;
let bytes = 0;

async function open(port: number, view: View): Promise<void> {
  const socket = new WebSocket(`ws://127.0.0.1:${String(port)}${FLEET_PATH}`, { perMessageDeflate: false });
  await once(socket, 'open');
  socket.on('message', (data: Buffer) => {
    bytes += data.length;
  });
  socket.send(JSON.stringify({ kind: 'look', view }));
}

process.once('message', (order) => {
  void look(order as PagesOrder);
});
process.once('disconnect', () => process.exit());

async function look({ port, views }: PagesOrder): Promise<void> {
  await Promise.all(views.map((view) => open(port, view)));
  for (;;) {
    process.send?.({ bytes } satisfies PagesNews);
    await pause(NEWS_MS);
  }
}
