import { toVisible, type Machine } from '@shoal/protocol';

const ID_DIGITS = 12;
const order = new Intl.Collator('en', { numeric: true });

/** What a machine is called on the page: the name that it gave itself, or the beginning of its peer id. */
export function labelOf({ name, peerId }: Pick<Machine, 'name' | 'peerId'>): string {
  return name.trim() === '' ? peerId.slice(0, ID_DIGITS) : toVisible(name);
}

/** Orders by label, `web-9` before `web-10`. */
export function byLabel(a: Pick<Machine, 'name' | 'peerId'>, b: Pick<Machine, 'name' | 'peerId'>): number {
  return order.compare(labelOf(a), labelOf(b)) || (a.peerId < b.peerId ? -1 : 1);
}

/** Whether others reach a machine: it has no port where they do not. */
export function isReachable({ port }: Pick<Machine, 'port'>): boolean {
  return port !== 0;
}
