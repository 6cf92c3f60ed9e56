/**
 * What an address says about who can dial it. Nobody tells agents and trackers how networks are cut, so what lies in one
 * network is a guess: good enough to order attempts, never to refuse one.
 */
import { ipSchema } from './address.ts';

const LOCAL_NAME = /^[^.]+\.?$|\.(?:local|internal|lan|home\.arpa)\.?$/i;

/** Whether a host is this machine as it sees itself. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.') || /^(.*\.)?localhost\.?$/i.test(host);
}

/** Whether a host means different machines in different networks (RFC 1918, 6598, 3927, 4193), as a bare name does too. */
export function isPrivate(host: string): boolean {
  if (!isAddress(host)) return LOCAL_NAME.test(host);
  if (host.includes(':')) return /^f[cd]|^fe[89ab]/i.test(host);
  const [first = 0, second = 0] = host.split('.').map(Number);
  return isWide(first, second) || (first === 192 && second === 168) || (first === 169 && second === 254);
}

/**
 * The network that an address probably lies in, as text to compare; undefined for a name. In the ranges that
 * companies and container hosts cut into large networks (10/8, 172.16/12, 100.64/10) that is the /16, elsewhere in IPv4
 * the /24 of homes and offices, in IPv6 the /64 of one link.
 */
export function networkOf(host: string): string | undefined {
  if (!isAddress(host)) return undefined;
  if (host.includes(':')) return firstGroups(host).join(':');
  const [first = 0, second = 0, third = 0] = host.split('.').map(Number);
  return isWide(first, second) ? `${first}.${second}` : `${first}.${second}.${third}`;
}

function isAddress(host: string): boolean {
  return ipSchema.safeParse(host).success;
}

function isWide(first: number, second: number): boolean {
  return (
    first === 10 || (first === 172 && second >= 16 && second < 32) || (first === 100 && second >= 64 && second < 128)
  );
}

/** The first four of the eight groups of an IPv6 address. */
function firstGroups(address: string): string[] {
  const [plain = ''] = address.split('%');
  const [head = '', tail = ''] = new URL(`http://[${plain}]`).hostname.slice(1, -1).split('::');
  const [before, after] = [head, tail].map((part) => (part === '' ? [] : part.split(':')));
  const missing = 8 - (before?.length ?? 0) - (after?.length ?? 0);
  return [...(before ?? []), ...Array<string>(missing).fill('0'), ...(after ?? [])].slice(0, 4);
}
