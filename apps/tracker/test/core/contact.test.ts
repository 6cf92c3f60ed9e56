import { describe, expect, it } from 'vitest';
import { contactOf, isLoopback, isSameContact, plainAddress } from '../../src/core/contact.ts';

describe('a contact', () => {
  it('is the source of the connection with the claimed port', () => {
    expect(contactOf('192.0.2.7', 4_000, undefined)).toEqual({ hosts: ['192.0.2.7'], port: 4_000 });
  });

  it('prefers the advertised host', () => {
    expect(contactOf('192.0.2.7', 1, 'files.example').hosts).toEqual(['files.example', '192.0.2.7']);
  });

  it('on this machine may listen on either loopback address', () => {
    expect(contactOf('::1', 1, undefined).hosts).toEqual(['::1', '127.0.0.1']);
    expect(contactOf('127.0.0.1', 1, undefined).hosts).toEqual(['127.0.0.1', '::1']);
  });

  it.each(['localhost', 'x.localhost', 'LOCALHOST.', '127.0.0.1', '127.9.9.9', '::1'])(
    'cannot advertise %s, which is another machine for everybody',
    (host) => {
      expect(isLoopback(host)).toBe(true);
      expect(contactOf('192.0.2.7', 1, host).hosts).toEqual(['192.0.2.7']);
    },
  );

  it('is the same when hosts and port are', () => {
    const contact = contactOf('192.0.2.7', 1, undefined);
    expect(isSameContact(contact, contactOf('192.0.2.7', 1, undefined))).toBe(true);
    expect(isSameContact(contact, contactOf('192.0.2.7', 2, undefined))).toBe(false);
    expect(isSameContact(contact, contactOf('192.0.2.8', 1, undefined))).toBe(false);
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

  it.each(['192.0.2.7', '2001:db8::1', 'localhost.example', '12.7.0.1'])('%s is not loopback', (host) => {
    expect(isLoopback(host)).toBe(false);
  });
});
