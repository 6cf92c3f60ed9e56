import { PEER_PATH, PEER_SUBPROTOCOL } from '@shoal/protocol';
import type { Upgrade } from '../socket/raw-socket.ts';
import type { Row } from '../table.ts';

/** A way to ask for a link that must be refused with this status, or `cut` without a word. */
export interface UpgradeRow extends Row {
  readonly upgrade: Omit<Upgrade, 'port'>;
}

/** All of them. */
export function upgradeRows(): readonly UpgradeRow[] {
  const rowOf = (name: string, must: string, changes: Partial<Upgrade>): UpgradeRow => {
    const headers = { 'Sec-WebSocket-Protocol': PEER_SUBPROTOCOL, ...changes.headers };
    return { name, must, upgrade: { path: PEER_PATH, ...changes, headers } };
  };
  return [
    rowOf('another path', '404', { path: '/' }),
    rowOf('the path of a session', '404', { path: '/v1/session' }),
    rowOf('a path that climbs', '404', { path: '/v1/x/../peer' }),
    rowOf('a query', '404', { path: `${PEER_PATH}?x=1` }),
    rowOf('a page', '403 forbidden-origin', { headers: { Origin: 'http://localhost' } }),
    rowOf('a page of the agent itself', '403 forbidden-origin', { headers: { Origin: 'http://127.0.0.1' } }),
    rowOf('a page without a name', '403 forbidden-origin', { headers: { Origin: 'null' } }),
    rowOf('a page with an empty name', '403 forbidden-origin', { headers: { Origin: '' } }),
    rowOf('no subprotocol', '400', { headers: { 'Sec-WebSocket-Protocol': undefined } }),
    rowOf('another subprotocol', '400', { headers: { 'Sec-WebSocket-Protocol': 'shoal.2, chat' } }),
    rowOf('version 12 of WebSocket', '400', { headers: { 'Sec-WebSocket-Version': '12' } }),
    rowOf('no key', '400', { headers: { 'Sec-WebSocket-Key': undefined } }),
    rowOf('a key that is none', '400', { headers: { 'Sec-WebSocket-Key': 'x' } }),
    rowOf('a POST', '405', { method: 'POST' }),
    rowOf('another protocol', '400', { headers: { Upgrade: 'h2c' } }),
    rowOf('no upgrade', '426', { headers: { Upgrade: undefined, Connection: 'close' } }),
    rowOf('headers of 20 KiB', 'cut', { headers: { 'X-Long': 'x'.repeat(20 * 1024) } }),
    rowOf('what is no HTTP', 'cut', { method: '\u0000\u0001' }),
  ];
}
