/** A process that makes blocks, has them hashed and drops them, as a transfer does; it prints when it starts and ends with that. */
import { createHasher, tuneGarbageCollection } from '@shoal/engine/node';

if (process.argv[2] === 'tuned') tuneGarbageCollection();
const hasher = createHasher({ threads: 1 });
// A process that has lived for a while has had a full collection, and V8 has measured it by that.
globalThis.gc?.();
process.stdout.write('STARTED\n');
for (let turn = 0; turn < 100; turn++) {
  const pieces = Array.from({ length: 16 }, () => hasher.digest([Buffer.allocUnsafeSlow(262_144).fill(turn)]));
  await Promise.all(pieces);
}
process.stdout.write('ENDED\n');
await hasher.stop();
