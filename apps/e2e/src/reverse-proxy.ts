import { execFile } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import type { Program, Sandbox } from '@shoal/testbed';

const run = promisify(execFile);
const PACKAGING = resolve(import.meta.dirname, '../../../packaging');
const NAME = 'tracker.example.org';

/** A reverse proxy that runs before a tracker. */
export interface ReverseProxy {
  readonly program: Program;
  readonly httpPort: number;
  readonly httpsPort: number;
  /** File of the certificate authority that signed its certificate. */
  readonly authority: string;
}

/** Where things are in a test that stand elsewhere in the shipped examples. */
interface Places {
  readonly folder: string;
  readonly httpPort: number;
  readonly httpsPort: number;
  readonly trackerPort: number;
  readonly certificate: string;
  readonly key: string;
}

/** A kind of reverse proxy for which an example is shipped: how it is configured with it, and started. */
export interface ProxyKind {
  readonly name: string;
  /** Writes the configuration and says how to start the program in the foreground. */
  configure(places: Places): Promise<{ readonly file: string; readonly args: readonly string[] }>;
}

/** nginx with packaging/nginx/shoal.conf, in which only names, ports and paths are replaced. */
export const NGINX: ProxyKind = {
  name: 'nginx',
  async configure({ folder, httpPort, httpsPort, trackerPort, certificate, key }) {
    const example = await readFile(join(PACKAGING, 'nginx/shoal.conf'), 'utf8');
    const site = example
      .replaceAll(/^ *listen \[::\].*\n/gm, '')
      .replaceAll('listen 80;', `listen 127.0.0.1:${String(httpPort)};`)
      .replaceAll('listen 443 ', `listen 127.0.0.1:${String(httpsPort)} `)
      .replaceAll('127.0.0.1:8000', `127.0.0.1:${String(trackerPort)}`)
      .replace(/(?<=ssl_certificate ).*(?=;)/, certificate)
      .replace(/(?<=ssl_certificate_key ).*(?=;)/, key)
      .replaceAll(NAME, 'localhost');
    await writeFile(join(folder, 'shoal.conf'), site);
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
      .map((what) => `${what}_temp_path ${folder}/${what};`)
      .join(' ');
    const file = join(folder, 'nginx.conf');
    const user = process.getuid?.() === 0 ? 'user root;\n' : '';
    const http = `http { access_log off; ${temporary} include ${folder}/shoal.conf; }\n`;
    await writeFile(file, `${user}daemon off; pid ${folder}/nginx.pid; error_log stderr;\nevents {}\n${http}`);
    return { file: 'nginx', args: ['-e', 'stderr', '-c', file] };
  },
};

/** Caddy with packaging/caddy/Caddyfile, likewise; it is given a certificate, where elsewhere it gets one itself. */
export const CADDY: ProxyKind = {
  name: 'caddy',
  async configure({ folder, httpPort, httpsPort, trackerPort, certificate, key }) {
    const example = await readFile(join(PACKAGING, 'caddy/Caddyfile'), 'utf8');
    const ports = `http_port ${String(httpPort)}\n\thttps_port ${String(httpsPort)}\n\tdefault_bind 127.0.0.1`;
    const global = `{\n\tadmin off\n\tstorage file_system ${folder}\n\t${ports}\n}\n`;
    const site = example
      .replace(`${NAME} {`, `localhost {\n\ttls ${certificate} ${key}`)
      .replaceAll('127.0.0.1:8000', `127.0.0.1:${String(trackerPort)}`);
    const file = join(folder, 'Caddyfile');
    await writeFile(file, global + site);
    return { file: 'caddy', args: ['run', '--adapter', 'caddyfile', '--config', file] };
  },
};

/** Why a kind of proxy cannot be tried here, or undefined when it can. */
export async function whyNoProxy({ name }: ProxyKind): Promise<string | undefined> {
  for (const [program, ...args] of [name === 'nginx' ? ['nginx', '-v'] : [name, 'version'], ['openssl', 'version']]) {
    if (program === undefined) continue;
    const isHere = await run(program, args).then(
      () => true,
      () => false,
    );
    if (!isHere) return `${program} is not installed`;
  }
  return undefined;
}

/** Starts a proxy before a tracker, with a certificate for localhost; it may take a moment until it answers. */
export async function startProxy(kind: ProxyKind, sandbox: Sandbox, trackerPort: number): Promise<ReverseProxy> {
  const folder = await sandbox.folder(kind.name);
  const [certificate, key] = [join(folder, 'certificate.pem'), join(folder, 'key.pem')];
  const subject = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', key];
  await run('openssl', ['req', '-x509', '-days', '2', ...newKey, '-out', certificate, ...subject]);
  const [httpPort, httpsPort] = await freePorts();
  const places = { folder, httpPort, httpsPort, trackerPort, certificate, key };
  const { file, args } = await kind.configure(places);
  const env = { PATH: process.env.PATH ?? '', HOME: folder };
  const program = sandbox.start({ name: kind.name, file, args, cwd: folder, env });
  return { program, httpPort, httpsPort, authority: certificate };
}

/** Two ports of the loopback interface that are free now. */
async function freePorts(): Promise<[number, number]> {
  const servers = [createServer(), createServer()];
  const ports: number[] = [];
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    ports.push((server.address() as AddressInfo).port);
  }
  for (const server of servers) await new Promise((resolve) => server.close(resolve));
  return [ports[0] ?? 0, ports[1] ?? 0];
}
