/** HTTP load by wrk: one thread, the same for every server. */
import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { systemProgram } from '../rivals/installed.ts';
import type { Server } from './servers.ts';

const run = promisify(execFile);

/** Sends the requests of a file, one a line, in order, round and round: a path for GET, a body for POST. */
const SCRIPT = `
local lines, at = {}, 0
function init(args)
  local head = { ['Content-Type'] = 'application/json' }
  if args[3] == 'close' then head['Connection'] = 'close' end
  for line in io.lines(args[1]) do
    if args[2] == 'GET' then lines[#lines + 1] = wrk.format('GET', line, head)
    else lines[#lines + 1] = wrk.format('POST', '/v1/announce', head, line) end
  end
  at = tonumber(args[4])
end
function request()
  at = at % #lines + 1
  return lines[at]
end
function done(summary, latency)
  local e = summary.errors
  io.write(string.format('RESULT %d %d %d %d %d %d %d\\n', summary.requests, summary.duration, latency:percentile(50),
    latency:percentile(99), latency:percentile(99.9), latency.max, e.status + e.connect + e.write + e.timeout))
end
`;

/** What to send, and how. */
export interface HttpLoad {
  /** One request a line. */
  readonly file: string;
  readonly method: 'GET' | 'POST';
  readonly connections: number;
  /** Whether each request has a connection of its own. */
  readonly closes: boolean;
  readonly seconds: number;
  /** The line to begin with. */
  readonly from: number;
}

/** How a load went. */
export interface HttpResult {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  readonly maxMs: number;
}

/** wrk, where it is installed. */
export class Wrk {
  readonly #program: string;
  readonly #script: string;

  private constructor(program: string, script: string) {
    this.#program = program;
    this.#script = script;
  }

  /** @returns undefined when wrk is not installed */
  static async open(folder: string): Promise<Wrk | undefined> {
    const program = systemProgram('wrk');
    if (program === undefined) return undefined;
    const script = join(folder, 'announce.lua');
    await writeFile(script, SCRIPT);
    return new Wrk(program, script);
  }

  /**
   * Loads a server. Answers that end with their connection count as answers: opentracker keeps none open.
   * @throws Error when a request fails: a figure of refusals is none
   */
  async load({ host, port }: Server, load: HttpLoad): Promise<HttpResult> {
    const flags = [
      '-t1',
      `-c${load.connections}`,
      `-d${load.seconds}s`,
      '--timeout',
      '30s',
      '--latency',
      '-s',
      this.#script,
    ];
    const words = [load.file, load.method, load.closes ? 'close' : 'keep', String(load.from)];
    const { stdout } = await run(this.#program, [...flags, `http://${host}:${port}`, '--', ...words]);
    return resultIn(stdout);
  }
}

function resultIn(output: string): HttpResult {
  const figures = /RESULT ([\d ]+)/.exec(output)?.[1]?.split(' ').map(Number) ?? [];
  const read = (at: number): number => figures[at] ?? NaN;
  const [requests, seconds, failures] = [read(0), read(1) / 1e6, read(6)];
  if (failures !== 0 || requests === 0) throw new Error(`wrk: ${failures} requests failed: ${output}`);
  return {
    requests,
    seconds,
    perSecond: requests / seconds,
    p50Ms: read(2) / 1e3,
    p99Ms: read(3) / 1e3,
    p999Ms: read(4) / 1e3,
    maxMs: read(5) / 1e3,
  };
}
