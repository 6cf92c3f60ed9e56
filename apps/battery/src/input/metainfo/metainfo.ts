/** Part `metainfo`: every bad metainfo on every way in, and each must get the same code there. */
import type { Server } from 'node:http';
import { asInfoHash, parseMetainfo, reportError } from '@shoal/protocol';
import { eventually, Machine, Sandbox, type Agent, type Program, type Tracker } from '@shoal/testbed';
import type { BatteryOrder, Part } from '../../battery.ts';
import { fact, type Figure } from '../../figure.ts';
import { isWell, stillWorks } from '../health.ts';
import { judge, throwTable, type Outcome } from '../table.ts';
import { badMetainfos, truncations, type BadMetainfo } from './bad-metainfos.ts';
import {
  controlRoute,
  fileRoute,
  fittingFor,
  liarRoute,
  peerRoute,
  RecordRoute,
  registrationRoute,
  type MetainfoRoute,
} from './metainfo-routes.ts';

const ASKED_FOR = asInfoHash('ab'.repeat(32));
/** Built programs see every so manieth truncation when there is little time. */
const SAMPLED = 16;

export const METAINFO: Part = {
  name: 'metainfo',
  async run(order) {
    const sandbox = await Sandbox.create();
    try {
      return [await straight(), ...(await onEveryRoute(sandbox, order))];
    } finally {
      await sandbox.clear();
    }
  },
};

/** The parser itself, which is cheap enough for all. */
async function straight(): Promise<Figure> {
  const rows = [...badMetainfos(), ...truncations(1)];
  const outcomes = await throwTable(rows, 1, ({ bytes }) => Promise.resolve(codeOfParser(bytes)));
  return judge('metainfo: the parser, ended at every byte too', outcomes);
}

function codeOfParser(bytes: Uint8Array): string {
  try {
    parseMetainfo(bytes, 'a row', ASKED_FOR);
    return 'accepted';
  } catch (error) {
    return reportError(error).code;
  }
}

interface Stage {
  readonly tracker: Tracker;
  readonly agent: Agent;
  readonly prompt: Program;
  readonly liar: Server;
  readonly routes: readonly MetainfoRoute[];
}

async function onEveryRoute(sandbox: Sandbox, { extent }: BatteryOrder): Promise<readonly Figure[]> {
  const rows = [...badMetainfos(), ...truncations(extent === 'quick' ? SAMPLED : 1)];
  const stage = await setUp(sandbox, rows);
  const { tracker, agent, prompt, routes, liar } = stage;
  try {
    const figures: Figure[] = [];
    const outcomes: Outcome[] = [];
    for (const route of routes) {
      const got = await throwTable(fittingFor(route, rows), route.atOnce, (row) => route.send(row));
      figures.push(judge(`metainfo: ${route.name}`, got));
      outcomes.push(...got);
    }
    return [...figures, noDefect(outcomes), ...(await afterwards(stage))];
  } finally {
    liar.close();
    await Promise.all([prompt.end(), agent.program.end(), tracker.program.end()]);
  }
}

async function setUp(sandbox: Sandbox, rows: readonly BadMetainfo[]): Promise<Stage> {
  const [home, typist, server] = await Promise.all(
    ['agent', 'prompt', 'tracker'].map((name) => Machine.create(sandbox, name)),
  );
  if (!home || !typist || !server) throw new Error('invariant: three machines');
  const records = new RecordRoute();
  const remembered = fittingFor(records, rows);
  await records.prepare(home, remembered);
  const tracker = await server.startTracker();
  const agent = await home.startAgent('--host', '127.0.0.1');
  await eventually('the agent to have read what it remembers', () => {
    records.read(agent.program.output);
    return Promise.resolve(records.count === remembered.length ? true : undefined);
  });
  const prompt = typist.shoal();
  await prompt.printed(/Type help/);
  const liar = await liarRoute(prompt);
  const routes = [
    fileRoute(typist, prompt, 'download'),
    fileRoute(typist, prompt, 'verify'),
    liar,
    registrationRoute(tracker.port),
    controlRoute(home, 'shares'),
    controlRoute(home, 'downloads'),
    peerRoute(agent),
    records,
  ];
  return { tracker, agent, prompt, routes, liar: liar.server };
}

async function afterwards({ tracker, agent, prompt }: Stage): Promise<readonly Figure[]> {
  return [
    isWell('metainfo: the tracker', tracker.program),
    isWell('metainfo: the prompt', prompt),
    await stillWorks('metainfo: an honest call of the agent', () => agent.control.status()),
    fact('metainfo: shares that the agent took of all that', {
      demand: 'none',
      seen: String((await agent.control.transfers()).length),
      holds: (await agent.control.transfers()).length === 0,
    }),
  ];
}

function noDefect(outcomes: readonly Outcome[]): Figure {
  const defects = outcomes.filter(({ got }) => got.includes('internal')).length;
  return fact('metainfo: answers of a defect', { demand: 'none', seen: String(defects), holds: defects === 0 });
}
