/**
 * keeper.js <program> [argument …]: runs a program, kills it once without notice when the leechers are at a certain point
 * of their downloads, and starts it again after a while.
 */
import { spawn } from 'node:child_process';
import { Catalogue } from './catalogue.ts';
import { beginChronicle } from './chronicle.ts';
import { keep } from './keep.ts';
import { numberSetting, requiredSetting } from './setting.ts';
import { say } from './story.ts';

const catalogue = new Catalogue(requiredSetting('SWARM_TRACKER'));
const stopping = new AbortController();
process.once('SIGTERM', () => {
  stopping.abort();
});

process.exitCode = await keep({
  start: () => spawn(process.execPath, process.argv.slice(2), { stdio: 'inherit' }),
  killAt: numberSetting('SWARM_KILL_AT', { min: 0, max: 1 }),
  // Nobody can say how far the leechers are while the tracker is away.
  progress: () => catalogue.progress().catch(() => undefined),
  lookEveryMs: 500,
  backAfterMs: numberSetting('SWARM_BACK_AFTER', { min: 0, max: 3_600 }) * 1_000,
  note: beginChronicle(requiredSetting('SWARM_CHRONICLE')),
  say,
  signal: stopping.signal,
});
