export { sha256OfFile, sha256OfTree } from './checksum.ts';
export { eventually } from './eventually.ts';
export { Machine, type Agent, type Tracker } from './machine.ts';
export { peakResidentBytes, resetPeak, usageOf, type ProcessUsage } from './process-usage.ts';
export { NetworkLab, NetworkNamespace, type LineBytes, type LineRates } from './network-lab.ts';
export { Program, type Exit, type ProgramStart } from './program.ts';
export { sampleBytes, writeSampleFile, writeSmallFiles } from './sample-data.ts';
export { Sandbox } from './sandbox.ts';
