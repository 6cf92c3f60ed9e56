/** The ways by which a metainfo reaches a built program; each says with which code it was refused. */
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { CONTROL_TOKEN_HEADER, sha256Hex, type InfoHash } from '@shoal/protocol';
import type { Agent, Machine, Program } from '@shoal/testbed';
import { callHttp } from '../http-call.ts';
import { openLink } from '../peer/hostile-link.ts';
import type { BadMetainfo } from './bad-metainfos.ts';

/** A way in. */
export interface MetainfoRoute {
  readonly name: string;
  /** Whether bytes travel here that are no text. */
  readonly takesBytes: boolean;
  /** Whether a certain info hash is asked for here: then a correct metainfo of another share is refused as well. */
  readonly knowsInfoHash: boolean;
  /** So many rows may be under way at once. */
  readonly atOnce: number;
  /** Hands in a metainfo and says with which code it was refused. */
  send(row: BadMetainfo): Promise<string>;
}

/** The rows that can be sent on a way in. */
export function fittingFor(route: MetainfoRoute, rows: readonly BadMetainfo[]): readonly BadMetainfo[] {
  return rows.filter(
    ({ text, must }) => (route.takesBytes || text !== undefined) && (route.knowsInfoHash || must !== 'wrong-info-hash'),
  );
}

const ASK_AGAIN_MS = 20;
const REFUSED = /^error: [^]*?\(([a-z-]+)\)\n/m;

/** A `.torrent` that is given to a command of the prompt. */
export function fileRoute(machine: Machine, prompt: Program, command: 'download' | 'verify'): MetainfoRoute {
  let files = 0;
  return {
    name: `shoal ${command} FILE`,
    takesBytes: true,
    knowsInfoHash: false,
    atOnce: 1,
    async send({ bytes }) {
      const file = `${command}-${String(files++)}.torrent`;
      await writeFile(machine.path(file), bytes);
      return ask(prompt, `${command} ${file}`);
    },
  };
}

/** The answer of a tracker that lies. Whoever made it stops the server. */
export async function liarRoute(prompt: Program): Promise<MetainfoRoute & { readonly server: Server }> {
  const answers = new Map<string, Uint8Array>();
  const server = createServer(({ url = '' }, response) => {
    response.setHeader('content-type', 'application/json').end(answers.get(url));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return {
    name: 'the answer of a tracker',
    takesBytes: true,
    knowsInfoHash: true,
    atOnce: 1,
    server,
    async send({ name, bytes }) {
      const infoHash = hashFor(name);
      answers.set(`/v1/shares/${infoHash}`, bytes);
      return ask(prompt, `download ${infoHash} --tracker 127.0.0.1:${String(port)}`);
    },
  };
}

/** A registration at the tracker. */
export function registrationRoute(port: number): MetainfoRoute {
  return {
    name: 'PUT at the tracker',
    takesBytes: true,
    knowsInfoHash: true,
    atOnce: 4,
    async send({ name, bytes }) {
      const headers = { 'content-type': 'application/json' };
      const path = `/v1/shares/${hashFor(name)}`;
      return codeOf(await callHttp(port, { method: 'PUT', path, headers, body: bytes }));
    },
  };
}

/** A call of the control API. */
export function controlRoute(machine: Machine, what: 'shares' | 'downloads'): MetainfoRoute {
  return {
    name: `POST ${what} of the control API`,
    takesBytes: false,
    knowsInfoHash: false,
    atOnce: 2,
    async send({ text = '' }) {
      const { port, token } = await machine.controlAddress();
      const headers = { 'content-type': 'application/json', [CONTROL_TOKEN_HEADER]: token };
      const where = what === 'shares' ? { path: machine.folder } : { folder: machine.folder };
      const body = JSON.stringify({ document: text, ...where });
      return codeOf(await callHttp(port, { method: 'POST', path: `/v1/${what}`, headers, body }));
    },
  };
}

/** A peer that an agent asks for the metainfo of an info hash. */
export function peerRoute(agent: Agent): MetainfoRoute {
  return {
    name: 'the answer of a peer',
    takesBytes: false,
    knowsInfoHash: true,
    atOnce: 4,
    async send({ name, text = '' }) {
      const infoHash = hashFor(name);
      const { port } = await agent.control.status();
      const link = await openLink(port);
      const asking = new AbortController();
      try {
        const asked = keepAsking(agent, infoHash, asking.signal);
        const { channel } = await link.until('the agent to enter the swarm', ({ messages }) =>
          messages.find((message) => message.kind === 'join' && message.infoHash === infoHash),
        );
        if (typeof channel !== 'number') throw new Error('a join names its channel');
        link.tell({ kind: 'join', channel: 1, infoHash });
        await link.heard('metainfo?');
        link.tell({ kind: 'metainfo', channel: 1, document: text });
        const { code } = (await link.heard('bye')) as { code: string };
        asking.abort();
        await asked;
        return code;
      } finally {
        asking.abort();
        link.cut();
      }
    },
  };
}

/** Asks until told to stop: at first the agent may not have read our hello yet, and then it has nobody to ask. */
async function keepAsking(agent: Agent, infoHash: InfoHash, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await agent.control.metainfo(infoHash, signal).catch(() => undefined);
    await pause(ASK_AGAIN_MS);
  }
}

/** What an agent remembers of its shares; all rows are written before it starts. */
export class RecordRoute implements MetainfoRoute {
  readonly name = 'what the agent remembers';
  readonly takesBytes = false;
  readonly knowsInfoHash = false;
  readonly atOnce = 1;
  readonly #codes = new Map<string, string>();

  /** How many rows the agent has said something about. */
  get count(): number {
    return this.#codes.size;
  }

  /** Writes the rows into the home of a machine whose agent is not running. */
  async prepare(machine: Machine, rows: readonly BadMetainfo[]): Promise<void> {
    const folder = join(machine.home, 'shares');
    await mkdir(folder, { recursive: true });
    for (const { name, text } of rows) {
      const record = { version: 1, kind: 'download', document: text, folder: pathOf(name), trackers: [] };
      await writeFile(join(folder, `${hashFor(name)}.json`), JSON.stringify(record));
    }
  }

  /** Reads what the agent has logged since it started. */
  read(log: string): void {
    for (const line of log.split('\n')) {
      const found = /"code":"([a-z-]+)".*the remembered metainfo of ([^ :]+)/.exec(line);
      if (found !== null) this.#codes.set(String(found[2]), String(found[1]));
    }
  }

  send({ name }: BadMetainfo): Promise<string> {
    return Promise.resolve(this.#codes.get(pathOf(name)) ?? 'nothing');
  }
}

/** Types a command that must fail, and reads the code of its failure. */
async function ask(prompt: Program, line: string): Promise<string> {
  const from = prompt.type(line);
  const [, code] = await prompt.printed(REFUSED, from);
  return String(code);
}

function codeOf({ status, code }: { readonly status: number; readonly code: string | undefined }): string {
  return code ?? `status ${String(status)} without a code`;
}

/** A folder by which a row is known again in the log. */
function pathOf(name: string): string {
  return join('/nowhere', hashFor(name));
}

/** An info hash that belongs to a row alone. */
function hashFor(name: string): InfoHash {
  return sha256Hex(name) as string as InfoHash;
}
