/** The test swarm in containers: `docker compose up` of a fresh clone, and what it lives through. */
import { agentStatusSchema } from '@shoal/protocol';
import { eventually } from '@shoal/testbed';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ComposeProject, docker, type Container } from '../src/compose-project.ts';

const MINUTES = 60_000;
const LEECHERS = 3;
/** As `docker images` counts. */
const MB = 1_000_000;

/** Prints the SHA-256 of every file below a folder. It runs in a container and knows nothing of Shoal. */
const HASH_FOLDER = `
  const { createHash } = require('crypto'), { join, relative } = require('path'), fs = require('fs');
  const root = process.argv[1], sums = {};
  for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    sums[relative(root, file)] = createHash('sha256').update(fs.readFileSync(file)).digest('hex');
  }
  console.log(JSON.stringify(sums));`;

/** Writes a file beside a folder and moves it in. */
const DROP_FILE = `
  const fs = require('fs'), [, folder, name] = process.argv;
  fs.writeFileSync(folder + '/../' + name, require('crypto').randomBytes(8_000_000));
  fs.renameSync(folder + '/../' + name, folder + '/' + name);`;

/** Kills the program of a container without notice: what the container's init started. */
const KILL_PROGRAM = `
  const fs = require('fs');
  for (const pid of fs.readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name)))
    if (/^PPid:\\t1$/m.test(fs.readFileSync('/proc/' + pid + '/status', 'utf8'))) process.kill(Number(pid), 'SIGKILL');`;

/** What a process in the container may do. */
const RIGHTS = `
  const fs = require('fs'), status = fs.readFileSync('/proc/self/status', 'utf8');
  let root = 'writable';
  try { fs.writeFileSync('/file', ''); } catch (error) { root = error.code; }
  console.log(JSON.stringify({ uid: process.getuid(), root, caps: /^CapEff:\\t(.*)$/m.exec(status)[1] }));`;

const whyNot = await ComposeProject.whyNot();

describe(
  `the test swarm in containers${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`,
  { skip: whyNot !== undefined },
  () => {
    let project: ComposeProject;

    beforeAll(async () => {
      project = await ComposeProject.create(`shoal-e2e-${process.pid}`);
      await project.compose('build');
      await project.compose('up', '-d');
    }, 20 * MINUTES);
    afterAll(() => project.compose('down', '-v'), 2 * MINUTES);

    it(
      'ends with all leechers holding verified copies, by itself',
      async () => {
        expect(Object.keys(await everyoneHasAll())).toHaveLength(201);
        await refereeAgrees();
        expect(await project.compose('logs', '--no-color', 'referee')).toContain(
          'all 3 leechers hold verified copies of 2 shares',
        );
      },
      5 * MINUTES,
    );

    it('publishes the tracker and nothing else', async () => {
      const published = (await project.inspect()).flatMap(({ HostConfig }) => Object.entries(HostConfig.PortBindings));
      expect(published).toEqual([['8000/tcp', [expect.objectContaining({ HostPort: String(project.port) })]]]);
      const answer = await fetch(`http://localhost:${project.port}/healthz`);
      expect(await answer.json()).toEqual({ status: 'ok' });
    });

    it('gives no container more than it needs', async () => {
      const containers = await project.inspect();
      expect(containers).toHaveLength(3 + LEECHERS);
      for (const { Config, HostConfig } of containers) {
        expect(Config.User).toBe('node');
        expect(HostConfig).toMatchObject({
          ReadonlyRootfs: true,
          CapDrop: ['ALL'],
          SecurityOpt: ['no-new-privileges:true'],
          RestartPolicy: { Name: 'unless-stopped' },
        });
        expect(Math.min(HostConfig.Memory, HostConfig.NanoCpus, HostConfig.PidsLimit)).toBeGreaterThan(0);
      }
      for (const id of await project.containers()) {
        const rights: unknown = JSON.parse(await docker('exec', id, 'node', '-e', RIGHTS));
        expect(rights).toEqual({ uid: 1000, root: 'EROFS', caps: '0000000000000000' });
      }
    });

    it(
      'is made of small images',
      async () => {
        await docker(...'build --network host -q -f docker/Dockerfile --target agent -t shoal-agent .'.split(' '));
        expect(await imageBytes('shoal-tracker')).toBeLessThan(350 * MB);
        expect(await imageBytes('shoal-agent')).toBeLessThan(250 * MB);
      },
      10 * MINUTES,
    );

    it(
      'outlives the sudden deaths of tracker, seeder and a leecher, and goes on to spread what is new',
      async () => {
        const victims = ['tracker', 'seeder', 'leecher'];
        for (const service of victims) await inContainer(service, 0, KILL_PROGRAM).catch(() => undefined);
        await eventually('Docker to start them again', async () => {
          const containers = await Promise.all(victims.map((service) => project.inspect(service)));
          return containers.every(([first]) => first?.RestartCount === 1 && isHealthy(first)) || undefined;
        });
        const before = await everyoneHasAll();
        await inContainer('seeder', 0, DROP_FILE, '/data/share', 'new.bin');
        const after = await everyoneHasAll();
        expect(after).toEqual({ ...before, 'new.bin': expect.any(String) as string });
        await refereeAgrees();
      },
      5 * MINUTES,
    );

    it(
      'stops in good order, and downloads nothing again after down and up',
      async () => {
        await project.compose('stop');
        const codes = (await project.inspect()).map(({ Name, State }) => [Name, State.ExitCode]);
        expect(codes.filter(([, code]) => code !== 0)).toEqual([]);
        await project.compose('down');
        await project.compose('up', '-d');
        await refereeAgrees();
        expect(Object.keys(await everyoneHasAll())).toHaveLength(202);
        for (let index = 0; index < LEECHERS; index++) {
          const transfers = await eventually('the leecher to take up what it has', () => seedingTransfers(index));
          expect(transfers.map(({ receivedBytes }) => receivedBytes)).toEqual([0, 0, 0]);
        }
      },
      5 * MINUTES,
    );

    /** Waits until every leecher has exactly the files of the seeder, and returns their checksums. */
    async function everyoneHasAll(): Promise<Record<string, string>> {
      return eventually('all leechers to have what the seeder has', async () => {
        const sums = await hashes('seeder', 0, '/data/share');
        const copies = await Promise.all(
          Array.from({ length: LEECHERS }, (_, index) => hashes('leecher', index, '/tmp/home/downloads')),
        );
        return sums !== undefined && copies.every((copy) => isSame(copy, sums)) ? sums : undefined;
      });
    }

    /** Checksums below a folder; undefined while it is not there. */
    async function hashes(service: string, index: number, folder: string): Promise<Record<string, string> | undefined> {
      try {
        return JSON.parse(await inContainer(service, index, HASH_FOLDER, folder)) as Record<string, string>;
      } catch {
        return undefined;
      }
    }

    async function seedingTransfers(index: number) {
      const id = (await project.containers('leecher'))[index] ?? '';
      const { transfers } = agentStatusSchema.parse(JSON.parse(await docker('exec', id, 'shoal', 'status', '--json')));
      return transfers.length === 3 && transfers.every(({ state }) => state === 'seeding') ? transfers : undefined;
    }

    async function inContainer(service: string, index: number, script: string, ...args: string[]): Promise<string> {
      const id = (await project.containers(service))[index] ?? '';
      return docker('exec', id, 'node', '-e', script, ...args);
    }

    async function refereeAgrees(): Promise<void> {
      await eventually('the referee', async () => (await project.inspect('referee')).every(isHealthy) || undefined);
    }
  },
);

function isHealthy({ State }: Container): boolean {
  return State.Status === 'running' && State.Health.Status === 'healthy';
}

function isSame(one: Record<string, string> | undefined, other: Record<string, string>): boolean {
  const inOrder = (sums: Record<string, string> = {}): string => JSON.stringify(Object.entries(sums).sort());
  return inOrder(one) === inOrder(other);
}

async function imageBytes(image: string): Promise<number> {
  return Number(await docker('image', 'inspect', '--format', '{{.Size}}', image));
}
