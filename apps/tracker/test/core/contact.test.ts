import { describe, expect, it } from 'vitest';
import { contactOf, isSameContact, plainAddress } from '../../src/core/contact.ts';

describe('a contact', () => {
  it('is the source of the connection with the claimed port', () => {
    expect(contactOf('192.0.2.7', { port: 4_000 })).toEqual({
      source: '192.0.2.7',
      isLocal: false,
      sourceNetwork: '192.0.2',
      trackerHost: undefined,
      port: 4_000,
      addresses: [{ host: '192.0.2.7', port: 4_000 }],
      localNetworks: new Map(),
    });
  });

  it('knows the networks of its local hosts', () => {
    const { localNetworks } = contactOf('192.0.2.7', { port: 1, localHosts: ['10.1.2.3', 'fd00::7'] });
    expect([...localNetworks]).toEqual([
      ['10.1.2.3', '10.1'],
      ['fd00::7', 'fd00:0:0:0'],
    ]);
  });

  it('prefers the advertised address, whose port is its own', () => {
    const advertised = { host: 'files.example', port: 443 };
    expect(contactOf('192.0.2.7', { port: 1, advertised }).addresses).toEqual([
      advertised,
      { host: '192.0.2.7', port: 1 },
    ]);
  });

  it('has no address for an agent that accepts no links, whatever it advertises', () => {
    const advertised = { host: 'files.example', port: 443 };
    expect(contactOf('192.0.2.7', { port: 0, advertised }).addresses).toEqual([]);
  });

  it('on this machine may listen on either loopback address', () => {
    const hostsOf = (source: string) => contactOf(source, { port: 1 }).addresses.map(({ host }) => host);
    expect(hostsOf('::1')).toEqual(['::1', '127.0.0.1']);
    expect(hostsOf('127.0.0.1')).toEqual(['127.0.0.1', '::1']);
  });

  it('cannot advertise a loopback address, which is another machine for everybody', () => {
    const { addresses } = contactOf('192.0.2.7', { port: 1, advertised: { host: 'localhost', port: 1 } });
    expect(addresses).toEqual([{ host: '192.0.2.7', port: 1 }]);
  });

  it('is the same when source, port, addresses and local hosts are', () => {
    const claim = { port: 1, advertised: { host: 'a', port: 2 }, localHosts: ['10.0.0.1'] };
    const contact = contactOf('192.0.2.7', claim);
    expect(isSameContact(contact, contactOf('192.0.2.7', claim))).toBe(true);
    for (const other of [
      contactOf('192.0.2.8', claim),
      contactOf('192.0.2.7', claim, '192.0.2.1'),
      contactOf('192.0.2.7', { ...claim, port: 2 }),
      contactOf('192.0.2.7', { ...claim, advertised: { host: 'a', port: 3 } }),
      contactOf('192.0.2.7', { ...claim, localHosts: [] }),
    ]) {
      expect(isSameContact(contact, other)).toBe(false);
    }
  });
});

describe('an address', () => {
  it.each([
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['::FFFF:127.0.0.1', '127.0.0.1'],
    ['::ffff:0:1', '::ffff:0:1'],
    ['2001:db8::1', '2001:db8::1'],
  ])('%s is handed out as %s', (given, plain) => {
    expect(plainAddress(given)).toBe(plain);
  });
});
