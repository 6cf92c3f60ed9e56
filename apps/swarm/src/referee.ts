/** Says when every leecher holds a verified copy of every share, and goes on watching. */
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { reportError, type Metainfo } from '@shoal/protocol';
import { Catalogue } from './catalogue.ts';
import { readChronicles } from './chronicle.ts';
import { CopyExaminer } from './copies.ts';
import { Judge, type Finding } from './judge.ts';
import { numberSetting, optionalSetting, requiredSetting } from './setting.ts';
import { claimedSlots } from './slots.ts';
import { say } from './story.ts';
import { claimsOf } from './trial.ts';

const LOOK_EVERY_MS = 1_000;

const slots = requiredSetting('SWARM_SLOTS');
/** A file that is there while the verdict holds: what the container's health is read off. */
const sign = requiredSetting('SWARM_VERDICT');
/** With chronicles to read, the referee passes judgement once and ends. */
const chronicles = optionalSetting('SWARM_CHRONICLES');
const deadlineMs = chronicles === undefined ? Infinity : deadline();

const catalogue = new Catalogue(requiredSetting('SHOAL_TRACKER'));
const examiner = new CopyExaminer();
const judge = new Judge();
let shares: readonly Metainfo[] = [];
let trouble = '';

process.once('SIGTERM', () => process.exit(0));
rmSync(sign, { force: true });
say('the referee hashes what the leechers hold, by itself');
for (;;) {
  await askTracker();
  await look();
  if (chronicles !== undefined && isOver(chronicles)) break;
  await pause(LOOK_EVERY_MS);
}

/** While the tracker is away, what it listed last still holds. */
async function askTracker(): Promise<void> {
  try {
    shares = await catalogue.shares();
    if (trouble !== '') say('the tracker answers again');
    trouble = '';
  } catch (error) {
    if (trouble === '') say(`the tracker does not answer: ${reportError(error).code}`);
    trouble = reportError(error).code;
  }
}

async function look(): Promise<void> {
  const leechers = claimedSlots(slots);
  const findings: Finding[] = [];
  for (const { number: leecher, path } of leechers) {
    for (const metainfo of shares) {
      const copy = await examiner.examine(metainfo, join(path, 'downloads'));
      findings.push({ leecher, infoHash: metainfo.infoHash, name: metainfo.info.name, copy });
    }
  }
  const numbers = leechers.map(({ number }) => number);
  for (const line of judge.observe(numbers, findings)) say(line);
  if (judge.verdict === undefined) rmSync(sign, { force: true });
  else writeFileSync(sign, judge.verdict);
}

function isOver(folder: string): boolean {
  const claims = claimsOf(judge, readChronicles(folder));
  const isPassed = trouble === '' && claims.every(({ holds }) => holds);
  if (!isPassed && performance.now() < deadlineMs) return false;
  for (const { says, holds } of claims) say(`${holds ? 'ok    ' : 'FAILED'}  ${says}`);
  say(isPassed ? 'the swarm has passed' : 'the swarm has failed');
  process.exitCode = isPassed ? 0 : 1;
  return true;
}

function deadline(): number {
  return performance.now() + numberSetting('SWARM_PATIENCE', { min: 1, max: 86_400 }) * 1_000;
}
