/**
 * The page with a fleet that was made up, for whoever works on it: `npm run feed -- [--port 8080] [--machines 300]
 * [--pieces 4000] [--changes 100] [--fill 120]`. Prints the address, and goes on until it is ended.
 */
import { parseArgs } from 'node:util';
import { startFeed } from './feed-server.ts';

const { values } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    machines: { type: 'string', default: '300' },
    pieces: { type: 'string', default: '4000' },
    changes: { type: 'string', default: '100' },
    fill: { type: 'string', default: '120' },
  },
});
const options = {
  machines: Number(values.machines),
  pieces: Number(values.pieces),
  changesPerSecond: Number(values.changes),
  fillSeconds: Number(values.fill),
};
const feed = await startFeed(options, Number(values.port));
process.stdout.write(`${feed.url}\n`);
