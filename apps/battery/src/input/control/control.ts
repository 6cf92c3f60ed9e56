/** Part `control`: what pages and programs without the token may try at a built agent, and what lies outside its roots. */
import { randomBytes } from 'node:crypto';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CONTROL_CALLS, CONTROL_TOKEN_HEADER } from '@shoal/protocol';
import { Machine, Sandbox, type Agent } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../../battery.ts';
import { fact, type Figure } from '../../figure.ts';
import { isWell, showsInside, stillWorks } from '../health.ts';
import { callHttp, verdictOf, type Answer } from '../http-call.ts';
import { RawSocket, Refused } from '../socket/raw-socket.ts';
import { covers, judge, throwTable, type Row } from '../table.ts';
import { controlRows, type Door } from './control-rows.ts';

const AT_ONCE = 6;
const GUESSES = { quick: 500, full: 10_000, nightly: 100_000 } as const;

export const CONTROL: Part = {
  name: 'control',
  async run(order) {
    const sandbox = await Sandbox.create();
    try {
      const machine = await Machine.create(sandbox, 'agent');
      const agent = await machine.startAgent('--host', '127.0.0.1');
      return await attack({ machine, agent, door: await machine.controlAddress() }, order);
    } finally {
      await sandbox.clear();
    }
  },
};

interface Scene {
  readonly machine: Machine;
  readonly agent: Agent;
  readonly door: Door;
}

async function attack(scene: Scene, { extent }: BatteryOrder): Promise<readonly Figure[]> {
  const { agent, door } = scene;
  const rows = controlRows(door);
  const answers: Answer[] = [];
  const outcomes = await throwTable(rows, AT_ONCE, async ({ call }) => {
    const answer = await callHttp(door.port, call);
    answers.push(answer);
    return verdictOf(answer);
  });
  const calls = Object.entries(CONTROL_CALLS).flatMap(([path, methods]) =>
    methods.map((method) => `${method} ${path}`),
  );
  return [
    covers(
      'control: calls',
      calls,
      rows.map(({ subject }) => subject),
    ),
    judge('control: strangers, methods, bodies and paths', outcomes),
    none('control: answers of 500, or with a stack', answers.filter(isDefect).length),
    none('control: answers that let a page read them', answers.filter(isForPages).length),
    none('control: guessed tokens that open it', await guessTokens(door, GUESSES[extent])),
    judge('control: WebSocket upgrades', await throwUpgrades(door)),
    judge('control: places outside what was named', await throwPlaces(scene)),
    await stillWorks('control: an honest call', () => agent.control.status()),
    isWell('control: the agent', agent.program),
  ];
}

function isDefect({ status, code, text }: Answer): boolean {
  return status === 500 || code === 'internal' || showsInside(text);
}

function isForPages({ headers }: Answer): boolean {
  return Object.keys(headers).some((name) => name.startsWith('access-control'));
}

function none(what: string, count: number): Figure {
  return fact(what, { demand: 'none', seen: String(count), holds: count === 0 });
}

/** Tokens of the right length, each one letter from the right one or all by chance; returns how many opened it. */
async function guessTokens({ port, token }: Door, count: number): Promise<number> {
  const rows = Array.from({ length: count }, (_, at) => {
    const place = at % token.length;
    const letter = token[place] === 'A' ? 'B' : 'A';
    const near = token.slice(0, place) + letter + token.slice(place + 1);
    return {
      name: String(at),
      must: '401 unauthorized',
      guess: at % 2 === 0 ? near : randomBytes(32).toString('base64url'),
    };
  });
  const outcomes = await throwTable(rows, AT_ONCE, async ({ guess }) => {
    const headers = { host: `127.0.0.1:${String(port)}`, [CONTROL_TOKEN_HEADER]: guess };
    return verdictOf(await callHttp(port, { method: 'GET', path: '/v1/status', headers }));
  });
  return outcomes.filter(({ must, got }) => must !== got).length;
}

/** The API has no WebSocket: whoever asks for one is answered as any other call, or cut. */
function throwUpgrades({ port, token }: Door): ReturnType<typeof throwTable> {
  const rows = [
    { name: 'a page', must: '403 forbidden-origin', headers: { Origin: 'https://evil.example' } },
    {
      name: 'a page with the token',
      must: '403 forbidden-origin',
      headers: { Origin: 'null', [CONTROL_TOKEN_HEADER]: token },
    },
    { name: 'nobody', must: '401 unauthorized', headers: {} },
    { name: 'an empty host', must: '403 forbidden-origin', headers: { Host: '', [CONTROL_TOKEN_HEADER]: token } },
    { name: 'no host', must: '400', headers: { Host: undefined, [CONTROL_TOKEN_HEADER]: token } },
    { name: 'a rebound name', must: '403 forbidden-origin', headers: { Host: `evil.example:${String(port)}` } },
  ];
  return throwTable(rows, 1, async ({ headers }) => {
    try {
      (await RawSocket.open({ port, path: '/v1/status', headers })).cut();
      return '101';
    } catch (error) {
      if (error instanceof Refused) return error.verdict;
      throw error;
    }
  });
}

/** A place that is named to the agent. */
interface Place extends Row {
  readonly to: 'shares' | 'downloads';
  readonly document: string;
  readonly at: string;
}

/** Links that lead out of a share or of a download's folder: nothing is read or written behind them. */
async function throwPlaces({ machine, door }: Scene): Promise<ReturnType<typeof throwTable>> {
  const { file, folder, link, holder, target } = await makePlaces(machine);
  const rowOf = (name: string, to: Place['to'], at: string, document = file): Place => {
    return { name, must: 'refused', to, at, document };
  };
  const places = [
    rowOf('a share at a path from nowhere', 'shares', 'secret.txt'),
    rowOf('a download to a path from nowhere', 'downloads', '.'),
    rowOf('a download to no path', 'downloads', ''),
    rowOf('a share with a link in it', 'shares', holder, folder),
    rowOf('a share that is a device', 'shares', '/dev/zero'),
    rowOf('a share that is a process', 'shares', '/proc/self/environ'),
    rowOf('a download onto a link', 'downloads', target),
    rowOf('a download into a file', 'downloads', machine.path('secret.txt')),
    rowOf('a download into /proc', 'downloads', '/proc'),
    rowOf('a share whose path has a NUL', 'shares', '/tmp/a\u0000b'),
    rowOf('a download whose folder has a NUL', 'downloads', '/tmp/a\u0000b'),
    // Whoever names a place may name a link; what lies below it may be none.
    { ...rowOf('a share that is a link to its file', 'shares', link), must: '200' },
  ];
  return throwTable(places, 1, (place) => tryPlace(door, place));
}

async function makePlaces(machine: Machine): Promise<Record<'file' | 'folder' | 'link' | 'holder' | 'target', string>> {
  await writeFile(machine.path('secret.txt'), 'secret\n');
  await mkdir(machine.path('share'));
  await writeFile(machine.path('share/secret.txt'), 'secret\n');
  await machine.run('create', 'share', 'localhost:1');
  await machine.run('create', 'secret.txt', 'localhost:1');
  const link = machine.path('link');
  await symlink(machine.path('secret.txt'), link);
  return {
    link,
    file: await readFile(machine.path('secret.txt.torrent'), 'utf8'),
    folder: await readFile(machine.path('share.torrent'), 'utf8'),
    holder: await holding(machine, 'holder', 'secret.txt'),
    target: await holding(machine, 'target', 'secret.txt'),
  };
}

async function tryPlace({ port, token }: Door, { to, document, at }: Place): Promise<string> {
  const where = to === 'shares' ? { path: at } : { folder: at };
  const headers = {
    host: `127.0.0.1:${String(port)}`,
    'content-type': 'application/json',
    [CONTROL_TOKEN_HEADER]: token,
  };
  const answer = await callHttp(port, {
    method: 'POST',
    path: `/v1/${to}`,
    headers,
    body: JSON.stringify({ document, ...where }),
  });
  if (isDefect(answer)) return verdictOf(answer);
  return answer.status >= 400 && answer.code !== undefined ? 'refused' : verdictOf(answer);
}

/** A folder in which a file is a link. */
async function holding(machine: Machine, name: string, file: string): Promise<string> {
  await mkdir(machine.path(name));
  await symlink(machine.path(file), join(machine.path(name), file));
  return machine.path(name);
}
