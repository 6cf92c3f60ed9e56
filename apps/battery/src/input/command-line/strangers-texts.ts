/** What trackers, peers and files say, on its way to the terminal: nothing of it may be obeyed there. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Machine, type Agent, type Program, type Sandbox } from '@shoal/testbed';
import type { Figure } from '../../figure.ts';
import { isWell, rawCharacters } from '../health.ts';
import { helloOf, openSilentLink } from '../peer/hostile-link.ts';
import type { RawSocket } from '../socket/raw-socket.ts';
import { judge, throwTable, type Row } from '../table.ts';

const HASH = 'ab'.repeat(32);
/** Colours, the title of the window, a cleared screen in eight bits, a line of its own, and text from right to left. */
const ESCAPE = 'x\u001b[31m\u001b]0;title\u0007\u009b2J\r\nerror: forged\u202e\u2028y';

interface TextRow extends Row {
  readonly args: readonly string[];
  readonly isJson: boolean;
}

/** Runs commands whose answers a hostile tracker and a hostile peer have written. */
export async function strangersTexts(sandbox: Sandbox): Promise<readonly Figure[]> {
  const machine = await Machine.create(sandbox, 'reader');
  machine.setVariable('SHOAL_LOG_FORMAT', 'text');
  machine.setVariable('SHOAL_LOG_LEVEL', 'debug');
  const agent = await machine.startAgent('--host', '127.0.0.1');
  const tracker = await hostileTracker();
  const link = await hostilePeer(agent);
  try {
    const { port } = tracker.address() as AddressInfo;
    const outcomes = await throwTable(rows(`localhost:${String(port)}`), 1, async ({ args, isJson }) => {
      const program = machine.shoal(...args);
      await program.ended();
      return verdictOf(program, isJson);
    });
    link.tell({ kind: 'bye', code: 'idle', message: ESCAPE });
    link.cut();
    return [
      judge("command-line: strangers' texts", outcomes),
      isWell('command-line: the agent, with its log as text', agent.program),
    ];
  } finally {
    link.cut();
    tracker.close();
  }
}

function rows(tracker: string): readonly TextRow[] {
  const commands: readonly (readonly string[])[] = [
    ['search', 'x', '--tracker', tracker],
    ['peers'],
    ['status'],
    ['files'],
    ['download', HASH, '--tracker', tracker],
    ['download', 'x', '--tracker', tracker],
    ['config'],
    ['doctor', '--tracker', tracker],
  ];
  const readable = ['search', 'peers', 'status', 'files', 'config', 'doctor'];
  return commands.flatMap((args) => {
    const plain = { name: args.join(' '), must: 'harmless', args, isJson: false };
    const json = { name: `${args.join(' ')} --json`, must: 'harmless JSON', args: [...args, '--json'], isJson: true };
    return readable.includes(String(args[0])) ? [plain, json] : [plain];
  });
}

function verdictOf({ stdout, output }: Program, isJson: boolean): string {
  const raw = rawCharacters(output);
  if (raw.length > 0) return `printed ${raw.join(' ')}`;
  if (/^error: forged/m.test(output)) return 'printed a line of its own';
  if (!isJson) return 'harmless';
  try {
    JSON.parse(stdout);
    return 'harmless JSON';
  } catch {
    return `no JSON: ${stdout.slice(0, 80)}`;
  }
}

/** Finds one share of a hostile name for every search, and refuses everything else in hostile words. */
async function hostileTracker(): Promise<Server> {
  const share = {
    infoHash: HASH,
    name: ESCAPE,
    length: 1,
    fileCount: 1,
    registeredAt: ESCAPE,
    seeders: 1,
    leechers: 0,
    matches: [ESCAPE],
  };
  const other = { ...share, infoHash: 'cd'.repeat(32) };
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json');
    if (url.startsWith('/v1/shares?')) response.end(JSON.stringify({ shares: [share, other] }));
    else response.writeHead(400).end(JSON.stringify({ code: 'bad-message', message: ESCAPE, hint: ESCAPE }));
  });
  server.listen(0, 'localhost');
  await once(server, 'listening');
  return server;
}

/** A peer whose program has a hostile name, and whose files have, too. */
async function hostilePeer(agent: Agent): Promise<RawSocket> {
  const { port } = await agent.control.status();
  const link = await openSilentLink(port);
  await link.heard('hello');
  link.tell({ ...helloOf('cd'.repeat(32)), agent: ESCAPE });
  link.onMessage = ({ kind, id }) => {
    const shares = [{ infoHash: HASH, name: ESCAPE, length: 1, files: [ESCAPE] }];
    if (kind === 'search') link.tell({ kind: 'found', id, shares });
  };
  return link;
}
