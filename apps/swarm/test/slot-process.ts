/** Claims a slot of the given folder, says which, and holds it until it is killed. */
import { claimSlot } from '../src/slots.ts';

const slot = claimSlot(process.argv[2] ?? '');
process.once('exit', slot.release);
process.stdout.write(`slot ${slot.number}\n`);
setInterval(() => undefined, 1_000);
