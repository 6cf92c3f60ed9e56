// package.mjs [folder]: makes of the built programs what is installed elsewhere, by default in dist/packages: the agent as
// one file, and as a tarball with its systemd units; the tracker as a tarball for this platform. Equal inputs give equal
// bytes. Comes after `npm run build`.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, copyFile, cp, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { create } from 'tar';
import { licencesOf } from './licences.mjs';

const repository = fileURLToPath(new URL('..', import.meta.url));
const packaging = join(repository, 'packaging');
const agentBundle = join(repository, 'apps/peer-agent/dist/shoal.cjs');
const trackerBundle = join(repository, 'apps/tracker/dist/main.js');
const { version } = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8'));
const [nodeMajor] = process.versions.node.split('.');
/** Of every entry in a tarball: when something was packed is nobody's business. */
const mtime = new Date(Date.UTC(2000, 0, 1));

/** Adds the files of this folder, named by their places here, to a package. */
async function addFiles(root, places) {
  for (const place of places) await cp(join(packaging, place), join(root, place), { recursive: true });
  await copyFile(join(repository, 'LICENSE'), join(root, 'LICENSE'));
}

async function writeProgram(path, text) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, `#!/usr/bin/env node\n${text}`);
  await chmod(path, 0o755);
}

async function stageAgent(root) {
  const text = await readFile(agentBundle, 'utf8');
  await writeProgram(join(root, 'bin/shoal'), text.replace(/\n\/\/# sourceMappingURL=.*\s*$/, '\n'));
  await writeFile(join(root, 'THIRD-PARTY-LICENSES'), await licencesOf([`${agentBundle}.map`]));
  await addFiles(root, ['systemd/shoal-agent.service', 'systemd/user', 'settings/agent.yaml']);
}

async function stageTracker(root) {
  const lib = join(root, 'lib');
  execFileSync(process.execPath, ['docker/collect.mjs', lib, trackerBundle], { cwd: repository, stdio: 'pipe' });
  for (const folder of ['apps/tracker/dist/migrations', 'apps/tracker/dist/dashboard']) {
    await cp(join(repository, folder), join(lib, folder), { recursive: true });
  }
  await writeProgram(join(root, 'bin/shoal-tracker'), trackerLauncher());
  const files = await readdir(lib, { recursive: true });
  const sources = files.map((file) => join(repository, file));
  await writeFile(
    join(root, 'THIRD-PARTY-LICENSES'),
    await licencesOf([`${trackerBundle}.map`, ...(await pageMaps())], sources),
  );
  await addFiles(root, ['systemd/shoal-tracker.service', 'settings/tracker.env', 'nginx', 'caddy']);
}

/** Tell of what the page is made: its programs have no other trace of it. */
async function pageMaps() {
  const assets = join(repository, 'apps/dashboard/dist/assets');
  return (await readdir(assets)).filter((name) => name.endsWith('.map')).map((name) => join(assets, name));
}

/** SQLite's native module runs in the major version of Node for which it was built, and in no other. */
function trackerLauncher() {
  return `if (process.versions.node.startsWith('${nodeMajor}.')) import('../lib/apps/tracker/dist/main.js');
else {
  console.error(\`shoal-tracker: this package is for Node ${nodeMajor}, and this is Node \${process.versions.node}\`);
  process.exitCode = 1;
}
`;
}

async function pack(folder, name, stage) {
  const parent = await mkdtemp(join(tmpdir(), 'shoal-package-'));
  try {
    const root = join(parent, name);
    await mkdir(root);
    await stage(root);
    const entries = await readdir(root, { recursive: true, withFileTypes: true });
    const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
    const inside = files.map((file) => file.slice(parent.length + 1)).sort();
    for (const file of inside) if (!file.includes('/bin/')) await chmod(join(parent, file), 0o644);
    const file = join(folder, `${name}.tar.gz`);
    await create({ cwd: parent, file, gzip: { level: 9 }, portable: true, mtime }, inside);
  } finally {
    await rm(parent, { recursive: true, force: true });
  }
}

async function writeSums(folder) {
  const names = (await readdir(folder)).sort();
  const lines = await Promise.all(
    names.map(async (name) => {
      const bytes = await readFile(join(folder, name));
      console.log(`${join(folder, name)}: ${(bytes.length / 1024 ** 2).toFixed(1)} MiB`);
      return `${createHash('sha256').update(bytes).digest('hex')}  ${name}\n`;
    }),
  );
  await writeFile(join(folder, 'SHA256SUMS'), lines.join(''));
}

const folder = resolve(process.argv[2] ?? join(repository, 'dist/packages'));
await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
await pack(folder, `shoal-agent-${version}`, async (root) => {
  await stageAgent(root);
  await copyFile(join(root, 'bin/shoal'), join(folder, 'shoal'));
});
await pack(folder, `shoal-tracker-${version}-${process.platform}-${process.arch}-node${nodeMajor}`, stageTracker);
await writeSums(folder);
