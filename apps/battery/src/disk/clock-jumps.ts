import { join } from 'node:path';
import { writeFile } from 'node:fs/promises';
import { Machine, Sandbox, sha256OfFile, writeSampleFile, type Agent } from '@shoal/testbed';
import type { Part } from '../battery.ts';
import { Faults } from '../faults/faults.ts';
import { atMost, fact, type Figure } from '../figure.ts';
import { Stage, type Offered } from '../stage.ts';
import { watchProgress } from './progress.ts';

const MiB = 1024 * 1024;
const FILM_BYTES = 24 * MiB;
const LIMIT = '6M';
const HOUR_MS = 3_600_000;
const JUMPS: Readonly<Record<string, number>> = {
  'an hour on': HOUR_MS,
  'an hour back': -HOUR_MS,
  '400 days on': 400 * 24 * HOUR_MS,
  '400 days back': -400 * 24 * HOUR_MS,
};
/** A transfer that goes at a limit shows no pause longer than this. */
const STALL_S = 5;

/** The wall clocks of tracker, seeder and leecher jump together in the middle of a download. */
export const CLOCK_JUMPS: Part = { name: 'wall clock jumps', run: jumpAll };

async function jumpAll(): Promise<readonly Figure[]> {
  const sandbox = await Sandbox.create();
  try {
    const faults = await Faults.create(sandbox);
    const jump = join(sandbox.root, 'jump');
    const home = await Machine.create(sandbox, 'home');
    faults.letClockJump(home, jump);
    const stage = await Stage.set(sandbox, ['--upload-limit', LIMIT], home);
    await writeSampleFile(home.path('film.bin'), FILM_BYTES);
    const offered = await stage.offer('film.bin');
    const figures: Figure[] = [];
    for (const [what, milliseconds] of Object.entries(JUMPS)) {
      await writeFile(jump, String(milliseconds));
      const machine = await stage.machine(`leecher ${what}`);
      faults.letClockJump(machine, jump);
      figures.push(...(await jumpDuring(stage, { machine, offered, what })));
    }
    return figures;
  } finally {
    await sandbox.clear();
  }
}

async function jumpDuring(
  stage: Stage,
  { machine, offered, what }: { machine: Machine; offered: Offered; what: string },
): Promise<readonly Figure[]> {
  const { infoHash } = offered.metainfo;
  const leecher = await machine.startAgent();
  await leecher.control.addDownload({ metainfo: offered.metainfo, folder: machine.folder });
  await leecher.reaches(infoHash, ({ verifiedBytes }) => verifiedBytes > FILM_BYTES / 4);
  const programs = [stage.tracker.program, stage.seeder.program, leecher.program];
  const printed = programs.map(({ output }) => output.length);
  for (const { pid } of programs) process.kill(pid, 'SIGUSR2');
  await Promise.all(programs.map((program, at) => program.printed(/the wall clock jumped/, printed[at])));
  const stallS = await watchProgress(leecher, infoHash);
  const isFound = await findsSeeder(stage, offered, `newcomer after ${what}`);
  const isRight = (await sha256OfFile(machine.path('film.bin'))) === offered.metainfo.info.files[0]?.sha256;
  await leecher.program.stop();
  return [
    atMost({
      what: `clock ${what}: longest pause of the transfer`,
      unit: 's',
      limit: STALL_S,
      seen: stallS,
      isTiming: true,
    }),
    fact(`clock ${what}: SHA-256, and a newcomer whom the tracker hands the seeder`, {
      demand: 'right, linked',
      seen: `${isRight ? 'right' : 'wrong'}, ${isFound ? 'linked' : 'alone'}`,
      holds: isRight && isFound,
    }),
  ];
}

/** Whether somebody who comes after the jump gets bytes. */
async function findsSeeder(stage: Stage, { metainfo }: Offered, name: string): Promise<boolean> {
  const machine = await stage.machine(name);
  const agent: Agent = await machine.startAgent();
  await agent.control.addDownload({ metainfo, folder: machine.folder });
  const { verifiedBytes } = await agent.reaches(metainfo.infoHash, (transfer) => transfer.verifiedBytes > 0);
  await agent.program.stop('SIGKILL');
  return verifiedBytes > 0;
}
