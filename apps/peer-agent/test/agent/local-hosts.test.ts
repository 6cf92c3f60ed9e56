import type { NetworkInterfaceInfo } from 'node:os';
import { expect, it } from 'vitest';
import { localHosts } from '../../src/agent/local-hosts.ts';

function info(address: string, internal = false): NetworkInterfaceInfo {
  const rest = { address, netmask: '', mac: '00:00:00:00:00:00', internal, cidr: null };
  return address.includes(':') ? { ...rest, family: 'IPv6', scopeid: 0 } : { ...rest, family: 'IPv4' };
}

it('local hosts are the addresses that another machine can dial, IPv4 first, each once', () => {
  const interfaces = {
    lo: [info('127.0.0.1', true), info('::1', true)],
    eth0: [info('fd00::7'), info('192.168.1.7'), info('fe80::1'), info('febf::1')],
    eth1: [info('169.254.3.4'), info('2001:db8::7'), info('10.0.0.7'), info('192.168.1.7')],
    none: undefined,
  };
  expect(localHosts(interfaces)).toEqual(['192.168.1.7', '10.0.0.7', 'fd00::7', '2001:db8::7']);
});
