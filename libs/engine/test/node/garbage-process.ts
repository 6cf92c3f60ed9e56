/** A process that makes and drops blocks as a transfer does; it prints when it starts and ends with that. */
import { tuneGarbageCollection } from '@shoal/engine/node';

if (process.argv[2] === 'tuned') tuneGarbageCollection();
const alive: Uint8Array[] = [];
process.stdout.write('STARTED\n');
for (let block = 0; block < 4_000; block++) {
  alive[block % 32] = Buffer.allocUnsafeSlow(262_144).fill(block);
  if (block % 4 === 0) await new Promise((resolve) => setImmediate(resolve));
}
process.stdout.write('ENDED\n');
