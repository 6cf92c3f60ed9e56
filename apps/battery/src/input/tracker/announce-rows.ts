/** Announces that lie about where somebody is: refused when no host can be so, never handed out otherwise. */
import type { Row } from '../table.ts';

/** One announce by HTTP. */
export interface AnnounceRow extends Row {
  readonly body: object;
}

const HASH = 'ab'.repeat(32);

/** Bodies that must be refused, or taken without believing them. */
export function announceRows(trackerPort: number): readonly AnnounceRow[] {
  return [...noHosts(), ...noPorts(), ...noSwarms(), ...unbelievable(trackerPort)];
}

function rowOf(name: string, must: string, changes: object): AnnounceRow {
  const honest = { peerId: HASH, port: 1, swarms: [{ infoHash: HASH, left: 0 }] };
  return { name, must, body: { ...honest, ...changes } };
}

function noHosts(): readonly AnnounceRow[] {
  const hosts = [
    '',
    ' ',
    'a b',
    'a/b',
    'a\\b',
    'a@b',
    'a:80',
    'a?b',
    'a#b',
    '[::1]',
    'http://a',
    'a\u0000',
    'a\n',
    'ä.example',
  ];
  const more = [
    '::g',
    '1.2.3.4%',
    'fe80::1%',
    'fe80::1%/',
    '-a',
    '.a',
    '\u202ea',
    '😀',
    'x'.repeat(256),
    '$(id)',
    "a'b",
    '*',
  ];
  return [...hosts, ...more].map((host) =>
    rowOf(`the host ${JSON.stringify(host.slice(0, 20))}`, '400 bad-message', { advertised: { host, port: 1 } }),
  );
}

function noPorts(): readonly AnnounceRow[] {
  const ports = [-1, 65_536, 1.5, 2 ** 53, '80', null, true, [80]];
  return [
    ...ports.map((port) => rowOf(`the port ${JSON.stringify(port)}`, '400 bad-message', { port })),
    ...[0, ...ports].map((port) =>
      rowOf(`the advertised port ${JSON.stringify(port)}`, '400 bad-message', { advertised: { host: 'a', port } }),
    ),
  ];
}

function noSwarms(): readonly AnnounceRow[] {
  const swarm = { infoHash: HASH, left: 0 };
  const lists = {
    'no swarms': [],
    '1,001 swarms': Array<object>(1_001).fill(swarm),
    'a swarm without left': [{ infoHash: HASH }],
    'a swarm that lacks less than nothing': [{ infoHash: HASH, left: -1 }],
    'a swarm that lacks half a byte': [{ infoHash: HASH, left: 0.5 }],
    'a swarm that lacks 2^53 bytes': [{ infoHash: HASH, left: 2 ** 53 }],
    'an info hash in capitals': [{ infoHash: HASH.toUpperCase(), left: 0 }],
    'a third key': [{ ...swarm, x: 1 }],
    'a swarm that is a list': [[]],
    'swarms as an object': { 0: swarm },
  };
  const events = ['started', '__proto__', 1, null];
  return [
    ...Object.entries(lists).map(([name, swarms]) => rowOf(name, '400 bad-message', { swarms })),
    ...events.map((event) => rowOf(`the event ${String(event)}`, '400 bad-message', { event })),
  ];
}

/** They can be written so; nobody answers there as the agent that was announced. */
function unbelievable(trackerPort: number): readonly AnnounceRow[] {
  const hosts = ['0.0.0.0', '127.0.0.1', '127.1', '2130706433', '0x7f.1', 'localhost', 'localhost.', 'LOCALHOST'];
  const wide = ['::', '::1', '::ffff:127.0.0.1', 'fe80::1', 'fe80::1%lo', 'ff02::1', '224.0.0.1', '239.255.255.255'];
  const others = ['255.255.255.255', '169.254.169.254', 'metadata.invalid', 'a..b', '999.999.999.999', 'x'.repeat(255)];
  return [...hosts, ...wide, ...others].flatMap((host) =>
    [1, trackerPort].map((port) =>
      rowOf(`${host.slice(0, 20)} port ${String(port)}`, '200', { advertised: { host, port } }),
    ),
  );
}
