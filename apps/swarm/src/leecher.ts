import { rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { becomeAgent } from './agent-program.ts';
import { endAfter, lifespanOf } from './lifespan.ts';
import { optionalSetting, requiredSetting } from './setting.ts';
import { claimSlot } from './slots.ts';
import { say } from './story.ts';

// The home is a name for whichever slot this one gets, so that `shoal status` in the container finds the agent.
const home = requiredSetting('SHOAL_HOME');
const slot = claimSlot(requiredSetting('SWARM_SLOTS'));
process.once('exit', slot.release);
rmSync(home, { force: true });
symlinkSync(slot.path, home);
say(`this is the leecher of slot ${slot.number}`);

const life = optionalSetting('SWARM_LIFE');
if (life !== undefined) endAfter(lifespanOf(life, Math.random));

await becomeAgent({ SHOAL_DOWNLOADS: join(slot.path, 'downloads'), SHOAL_NAME: `leecher-${slot.number}` });
