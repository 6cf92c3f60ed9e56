import { networkInterfaces, type NetworkInterfaceInfo } from 'node:os';

/**
 * The addresses of this machine's interfaces that an agent in the same private network may dial: no loopback, and no
 * link-local one, which means something on one cable only. Private IPv4 addresses come first: they are what two
 * agents behind one NAT have in common.
 */
export function localHosts(interfaces: NodeJS.Dict<NetworkInterfaceInfo[]> = networkInterfaces()): readonly string[] {
  const usable = Object.values(interfaces)
    .flatMap((infos) => infos ?? [])
    .filter(({ internal, address }) => !internal && !isLinkLocal(address));
  const [first, second] = [usable.filter(isIPv4), usable.filter((info) => !isIPv4(info))];
  return [...new Set([...first, ...second].map(({ address }) => address))];
}

function isIPv4({ family }: NetworkInterfaceInfo): boolean {
  return family === 'IPv4';
}

function isLinkLocal(address: string): boolean {
  return address.startsWith('169.254.') || /^fe[89ab]/i.test(address);
}
