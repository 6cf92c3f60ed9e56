import type { FaultRule } from '../faults/fault-rule.ts';

/** Which shares pass a point: one large file, whose bytes are flushed by themselves, or a folder of many small ones. */
export type ShareKind = 'file' | 'folder';

/** A moment on the way of a piece to the disk, and of a download to its final name. */
export interface WritePoint {
  /** What has just happened, or is about to. */
  readonly name: string;
  readonly on: readonly ShareKind[];
  readonly call: FaultRule['call'];
  readonly place: FaultRule['place'];
  readonly moment: FaultRule['moment'];
  readonly nth?: number;
}

const BOTH: readonly ShareKind[] = ['file', 'folder'];
const BEFORE_AND_AFTER = ['before', 'after'] as const;

/** Both sides of a call. */
function around(name: string, point: Omit<WritePoint, 'name' | 'moment'>): readonly WritePoint[] {
  return BEFORE_AND_AFTER.map((moment) => ({ name: `${moment} ${name}`, moment, ...point }));
}

/** Every point of the write path, in the order in which a download passes them. */
export const WRITE_PATH: readonly WritePoint[] = [
  ...around('the first file is opened', { on: BOTH, call: 'open', place: 'data' }),
  ...around('the hash of the first received piece', { on: BOTH, call: 'hash', place: 'other' }),
  ...around('the hash of a later piece', { on: BOTH, call: 'hash', place: 'other', nth: 7 }),
  ...around('the first write', { on: BOTH, call: 'write', place: 'data' }),
  ...around('a later write', { on: BOTH, call: 'write', place: 'data', nth: 9 }),
  ...around('the flush', { on: BOTH, call: 'flush', place: 'data' }),
  ...around('the have-map is made', { on: BOTH, call: 'open', place: 'new-have-map' }),
  ...around('the have-map is written', { on: BOTH, call: 'write', place: 'new-have-map' }),
  ...around('the have-map is flushed', { on: BOTH, call: 'flush', place: 'new-have-map' }),
  ...around('the have-map gets its name', { on: BOTH, call: 'rename', place: 'new-have-map' }),
  ...around("the have-map's name is durable", { on: BOTH, call: 'flush', place: 'folder' }),
  ...around("the folders' names are durable", { on: ['folder'], call: 'flush', place: 'folder', nth: 2 }),
  ...around('the final name is there beside the old one', { on: ['file'], call: 'link', place: 'data' }),
  ...around('the old name is removed', { on: ['file'], call: 'remove', place: 'data' }),
  ...around('the folder gets its final name', { on: ['folder'], call: 'rename', place: 'data' }),
  ...around('the final name is durable', { on: ['file'], call: 'flush', place: 'folder', nth: 2 }),
  ...around('the have-map is removed', { on: BOTH, call: 'remove', place: 'have-map' }),
];
