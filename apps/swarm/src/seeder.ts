import { join } from 'node:path';
import { becomeAgent } from './agent-program.ts';
import { makeSamples } from './samples.ts';
import { say } from './story.ts';

const data = process.env.SWARM_DATA ?? '/data';
const share = join(data, 'share');

if (await makeSamples(share)) say(`made sample data in ${share}`);
await becomeAgent({ SHOAL_HOME: join(data, 'home'), SHOAL_SHARE: share });
