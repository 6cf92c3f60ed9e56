/** From facts to findings: what is well, what is not, and what to set. No I/O. */
import { drawBytes } from '../drawing/units.ts';
import type { Facts, FolderFact, FolderTrouble, PortFact } from './facts.ts';
import type { Finding } from './finding.ts';
import { judgeReachability } from './reachability-finding.ts';
import { judgeTracker } from './tracker-findings.ts';

/** Judges all facts, in the order in which a person would put them right. */
export function judge(facts: Facts): Finding[] {
  const { port, reachability } = facts;
  return [
    judgeSettings(facts),
    judgeHome(facts.home),
    judgeDownloads(facts.downloads),
    ...facts.shares.map(judgeShare),
    judgePort(port),
    ...judgeTracker(facts.tracker),
    ...(reachability === undefined ? [] : [judgeReachability(reachability, port)]),
  ];
}

function judgeSettings({ settingsFile }: Facts): Finding {
  const says =
    settingsFile === undefined
      ? 'there is no settings file, and none is needed'
      : `settings are read from ${settingsFile}`;
  return { mark: 'ok', about: 'settings', says };
}

function judgeHome({ path, exists, trouble }: FolderFact): Finding {
  const subject = `the home ${path}`;
  if (trouble === undefined) return { mark: 'ok', about: 'home', says: `${subject} ${usable(exists)}` };
  const advice = `${remedyOf(trouble)}set another SHOAL_HOME`;
  return { mark: 'problem', about: 'home', says: `${subject} ${TROUBLES[trouble]}`, advice };
}

/** Below this the next download may well not fit. */
const LITTLE_BYTES = 1024 ** 3;

function judgeDownloads({ path, exists, trouble, freeBytes = Infinity }: FolderFact): Finding {
  const about = 'downloads';
  const subject = `the downloads folder ${path}`;
  if (trouble !== undefined) {
    const advice = `${remedyOf(trouble)}set another with --downloads`;
    return { mark: 'problem', about, says: `${subject} ${TROUBLES[trouble]}`, advice };
  }
  const space = Number.isFinite(freeBytes) ? `, with ${drawBytes(freeBytes)} free` : '';
  const says = `${subject} ${usable(exists)}${space}`;
  if (freeBytes >= LITTLE_BYTES) return { mark: 'ok', about, says };
  const mark = freeBytes === 0 ? 'problem' : 'warning';
  return { mark, about, says, advice: 'free some space, or set another with --downloads' };
}

function judgeShare({ path, trouble }: FolderFact): Finding {
  const subject = `the watched folder ${path}`;
  if (trouble === undefined) return { mark: 'ok', about: 'share', says: `${subject} can be read` };
  const remedy = trouble === 'not-readable' ? 'let the user who runs the agent read it' : 'make it a folder';
  const advice = `${remedy}, or take it out of --share`;
  return { mark: 'problem', about: 'share', says: `${subject} ${TROUBLES[trouble]}`, advice };
}

function remedyOf(trouble: FolderTrouble): string {
  return trouble === 'not-a-folder' ? '' : 'give it to the user who runs the agent, or ';
}

function usable(exists: boolean): string {
  return exists ? 'can be written to' : 'is not there yet and can be made';
}

const TROUBLES: Readonly<Record<FolderTrouble, string>> = {
  missing: 'is not there',
  'not-a-folder': 'is not a folder',
  'not-readable': 'cannot be read',
  'not-writable': 'cannot be written to',
};

function judgePort({ state, port, wanted, reason = '' }: PortFact): Finding {
  const about = 'port';
  const name = port === undefined ? 'any free port' : `port ${String(port)}`;
  switch (state) {
    case 'free':
      return { mark: 'ok', about, says: port === undefined ? `peers come in at ${name}` : `${name} is free for peers` };
    case 'taken':
      return {
        mark: 'problem',
        about,
        says: `${name} is taken by another program`,
        advice: 'stop that program, or set another with --port',
      };
    case 'refused':
      return {
        mark: 'problem',
        about,
        says: `peers cannot come in at ${name}: ${reason}`,
        advice: 'correct --host or --port',
      };
    case 'held-by-agent': {
      const says = `${name} is held by the agent that runs`;
      if (wanted === undefined || wanted === port) return { mark: 'ok', about, says };
      return { mark: 'warning', about, says, advice: `restart it: port ${String(wanted)} is set now` };
    }
  }
}
