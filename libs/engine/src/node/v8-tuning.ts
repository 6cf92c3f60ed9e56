import { setFlagsFromString } from 'node:v8';

/** How far the heap may grow over what was alive after the last full collection. */
const GROWTH_PERCENT = 300;
/** Bytes of bytecode that a function runs through before V8 looks whether to compile it with optimization. */
const INTERRUPT_BUDGET = 1_000_000;
/** Later ones have a compiler between the slow code and the expensive one, and count otherwise. */
const LAST_WITH_BUDGET = 11;

/**
 * Sets V8 up for a program that moves blocks. To be called once, at the start of the process; the flags are read again and
 * again, so it is not too late then.
 *
 * V8 counts memory outside the heap against the size at which it marks the whole heap, and that size is a small multiple
 * of the heap, which here is small itself: an agent that reads from many sockets would mark it all the time, in vain,
 * since what it reads dies young.
 *
 * And the V8 of Node 20 compiles early: a transfer of a few seconds would spend a tenth of all cycles on optimizing functions that then
 * have little left to do. With this budget 1 GiB takes a tenth less; what goes on for longer is compiled all the same.
 */
export function tuneV8(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH_PERCENT}`);
  if (Number.parseInt(process.versions.v8) > LAST_WITH_BUDGET) return;
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
