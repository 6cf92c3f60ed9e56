import { describe, expect, it } from 'vitest';
import { isLoopback, isPrivate, networkOf } from '../src/network.ts';

describe('loopback', () => {
  it.each(['localhost', 'x.localhost', 'LOCALHOST.', '127.0.0.1', '127.9.9.9', '::1'])('is %s', (host) => {
    expect(isLoopback(host)).toBe(true);
  });

  it.each(['192.0.2.7', '2001:db8::1', 'localhost.example', '12.7.0.1'])('is not %s', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});

describe('private', () => {
  it.each([
    ...['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '100.64.0.1', '100.127.0.1', '169.254.1.1'],
    ...['fc00::1', 'FD12::1', 'fe80::1', 'seeder', 'nas.local', 'nas.lan', 'nas.home.arpa', 'nas.corp.internal'],
  ])('is %s', (host) => {
    expect(isPrivate(host)).toBe(true);
  });

  it.each([
    ...['9.255.0.1', '11.0.0.1', '172.15.0.1', '172.32.0.1', '192.167.0.1', '192.169.0.1', '100.63.0.1', '100.128.0.1'],
    ...['169.253.0.1', '2001:db8::1', 'fe00::1', 'seed.example.org', 'lan.example.org', 'fd.example.org'],
  ])('is not %s', (host) => {
    expect(isPrivate(host)).toBe(false);
  });
});

describe('a network', () => {
  it.each([
    ['10.1.2.3', '10.1.200.4'],
    ['172.18.0.3', '172.18.9.9'],
    ['100.64.1.1', '100.64.2.2'],
    ['192.168.1.5', '192.168.1.250'],
    ['192.0.2.1', '192.0.2.2'],
    ['fd00:0:0:1::5', 'fd00::1:0:0:0:9'],
    ['2001:db8::1', '2001:db8:0:0:ffff::'],
    ['fe80::1%eth0', 'fe80::2%eth1'],
  ])('holds %s and %s', (one, other) => {
    expect(networkOf(one)).toBe(networkOf(other));
  });

  it.each([
    ['10.1.2.3', '10.2.2.3'],
    ['172.18.0.3', '172.17.0.3'],
    ['172.32.1.1', '172.32.2.1'],
    ['192.168.1.5', '192.168.2.5'],
    ['fd00:0:0:1::5', 'fd00:0:0:2::5'],
    ['::1', '1::'],
  ])('does not hold both %s and %s', (one, other) => {
    expect(networkOf(one)).not.toBe(networkOf(other));
  });

  it('is not known of a name', () => {
    expect(networkOf('seed.example.org')).toBeUndefined();
  });
});
