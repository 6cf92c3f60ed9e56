import { writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { eventually, Sandbox, type Program } from '@shoal/testbed';
import { freePort } from '../free-port.ts';
import { systemProgram, versionSaid } from '../rivals/installed.ts';
import type { SampleFile } from '../transfer-program.ts';
import type { Contender, Passage } from './contender.ts';

/** `curl` from nginx into a file and then its SHA-256, as many at once as there are leechers. */
export const CURL: Contender = {
  name: 'curl from nginx, then SHA-256',
  async version() {
    const nginx = await versionSaid(program('nginx'), ['-v'], /nginx\/(\S+)/);
    const curl = await versionSaid('curl', ['--version'], /curl (\S+)/);
    return nginx === undefined || curl === undefined ? undefined : `${curl}, nginx ${nginx}`;
  },
  run: (file, { leechers }) =>
    inSandbox(async (sandbox) => {
      const [url, server] = await startNginx(sandbox, file);
      const one = `curl -sf -o copy$i ${url} && openssl dgst -sha256 copy$i`;
      const script = `for i in $(seq ${leechers.length}); do (${one}) & done; wait; times`;
      const passage = await timeOf(sandbox, script, file, leechers.length);
      await server.stop();
      return passage;
    }),
};

/** A copy by the kernel, checked by nobody. */
export const CP: Contender = {
  name: 'cp, nothing checked',
  version: () => versionSaid('cp', ['--version'], /cp \(.*\) (\S+)/),
  run: (file) => inSandbox((sandbox) => timeOf(sandbox, `cp ${file.path} copy; times`, file, 0)),
};

/** SHA-256 of a file that is in memory already, on one core. */
export const OPENSSL: Contender = {
  name: 'SHA-256 alone, one core',
  version: () => versionSaid('openssl', ['version'], /OpenSSL (\S+)/),
  run: (file) => inSandbox((sandbox) => timeOf(sandbox, `openssl dgst -sha256 ${file.path}; times`, file, 1)),
};

async function inSandbox<T>(work: (sandbox: Sandbox) => Promise<T>): Promise<T> {
  const sandbox = await Sandbox.create();
  try {
    return await work(sandbox);
  } finally {
    await sandbox.clear();
  }
}

/** Runs a shell script that ends with `times` and prints the digest so often. */
async function timeOf(sandbox: Sandbox, script: string, file: SampleFile, digests: number): Promise<Passage> {
  const begin = performance.now();
  const { stdout } = await start(sandbox, 'sh', '-c', script).succeeded();
  const milliseconds = performance.now() - begin;
  if (stdout.split(file.sha256).length - 1 !== digests) throw new Error(`another file: ${stdout}`);
  return { milliseconds, receivers: { cpuMilliseconds: childrensMs(stdout) } };
}

/** User and system time of a shell's children, as the last line of `times` has it: `0m1.230s 0m0.340s`. */
export function childrensMs(printed: string): number {
  const times = [...(printed.trim().split('\n').at(-1) ?? '').matchAll(/(\d+)m([\d.]+)s/g)];
  return times.reduce((sum, [, minutes, seconds]) => sum + 60_000 * Number(minutes) + 1000 * Number(seconds), 0);
}

async function startNginx(sandbox: Sandbox, file: SampleFile): Promise<[url: string, Program]> {
  const port = await freePort();
  const folders = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${join(sandbox.root, name)};`,
  );
  const settings = `daemon off; pid ${join(sandbox.root, 'nginx.pid')}; worker_processes 1;
    ${process.getuid?.() === 0 ? 'user root;' : ''} events { worker_connections 256; }
    http { access_log off; sendfile on; tcp_nopush on; sendfile_max_chunk 2m; ${folders.join(' ')}
      server { listen 127.0.0.1:${port}; root ${dirname(file.path)}; } }`;
  const path = join(sandbox.root, 'nginx.conf');
  await writeFile(path, settings);
  const server = start(sandbox, program('nginx'), '-e', 'stderr', '-p', sandbox.root, '-c', path);
  const url = `http://127.0.0.1:${port}/${basename(file.path)}`;
  await eventually('nginx to serve', async () => {
    if (!server.isRunning) throw new Error(`nginx ended: ${server.output}`);
    return fetch(url, { method: 'HEAD' }).catch(() => undefined);
  });
  return [url, server];
}

/** Programs for administrators are not in everybody's PATH. */
function program(name: string): string {
  return systemProgram(name) ?? join('/usr/sbin', name);
}

function start(sandbox: Sandbox, file: string, ...args: readonly string[]): Program {
  const env = { PATH: process.env.PATH ?? '' };
  return sandbox.start({ name: basename(file), file, args, cwd: sandbox.root, env });
}
