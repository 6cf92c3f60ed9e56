import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { addressSchema, hostSchema, listeningPortSchema, portSchema } from '../src/address.ts';

describe('hostSchema', () => {
  it.each(['localhost', 'a', 'seed.example.org', 'seed.example.org.', 'my_host', 'xn--bcher-kva.example', '192.0.2.7'])(
    'takes the name or address %s',
    (host) => {
      expect(hostSchema.parse(host)).toBe(host);
    },
  );

  it.each(['::1', '2001:db8::1', '::ffff:192.0.2.7', 'fe80::1%eth0'])('takes the IPv6 address %s', (host) => {
    expect(hostSchema.parse(host)).toBe(host);
  });

  it.each([
    ...[
      '',
      '.',
      '-a',
      'a-',
      'a b',
      'a/b',
      'a?b',
      'a#b',
      'a@b',
      'a\\b',
      'a%2eb',
      'ä',
      'a:80',
      '[::1]',
      '1::2::3',
      ':::',
    ],
    ...['::1/', '::1]', '::1%', '::1%a/b', '%eth0', '::g', 'localhost\n'],
  ])('refuses %j', (host) => {
    expect(hostSchema.safeParse(host).success).toBe(false);
  });

  it('takes 255 characters and refuses one more', () => {
    expect(hostSchema.safeParse('a'.repeat(255)).success).toBe(true);
    expect(hostSchema.safeParse('a'.repeat(256)).success).toBe(false);
  });

  it('never ends the host part of a URL', () => {
    const host = fc.string({ unit: fc.constantFrom(...Array.from('a1.-_:/?#@%[]\\ \n')), minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(host, (candidate) => {
        fc.pre(hostSchema.safeParse(candidate).success);
        const written = candidate.includes(':') ? `[${candidate}]` : candidate;
        const text = `ws://${written}:1234/v1/peer`;
        fc.pre(URL.canParse(text));
        const url = new URL(text);
        expect([url.port, url.pathname, url.search, url.hash, url.username]).toEqual(['1234', '/v1/peer', '', '', '']);
      }),
    );
  });
});

describe('ports', () => {
  it('are from 1 to 65,535 to be dialled, and 0 where nobody listens', () => {
    const accepted = [-1, 0, 1, 65_535, 65_536, 1.5].map((port) => portSchema.safeParse(port).success);
    expect(accepted).toEqual([false, false, true, true, false, false]);
    const listening = [-1, 0, 1, 65_535, 65_536, 1.5].map((port) => listeningPortSchema.safeParse(port).success);
    expect(listening).toEqual([false, true, true, true, false, false]);
  });
});

describe('addressSchema', () => {
  it('refuses what it does not know', () => {
    expect(addressSchema.safeParse({ host: 'localhost', port: 1 }).success).toBe(true);
    expect(addressSchema.safeParse({ host: 'localhost', port: 1, path: '/' }).success).toBe(false);
  });
});
