export { sha256OfFile, sha256OfTree } from './checksum.ts';
export { eventually } from './eventually.ts';
export { Machine, type Agent, type Tracker } from './machine.ts';
export { peakResidentBytes } from './memory.ts';
export { NetworkLab, NetworkNamespace } from './network-lab.ts';
export { Program, type Exit, type ProgramStart } from './program.ts';
export { sampleBytes, writeSampleFile, writeSmallFiles } from './sample-data.ts';
export { Sandbox } from './sandbox.ts';
