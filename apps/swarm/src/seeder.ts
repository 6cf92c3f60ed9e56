import { becomeAgent } from './agent-program.ts';
import { makeSamples } from './samples.ts';
import { requiredSetting } from './setting.ts';
import { say } from './story.ts';

const folder = requiredSetting('SHOAL_SHARE');

if (await makeSamples(folder)) say(`made sample data in ${folder}: one file of 64 MiB and a folder of 200 small ones`);
await becomeAgent({});
