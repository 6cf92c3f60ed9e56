import { asInfoHash, LIMITS, type InfoHash } from '@shoal/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SessionLedger } from '../src/session-ledger.ts';

function hashOf(n: number): InfoHash {
  return asInfoHash(n.toString(16).padStart(64, '0'))!;
}

const A = hashOf(1);
const B = hashOf(2);

describe('the session ledger', () => {
  it('enters swarms at once, all in one message', () => {
    const ledger = new SessionLedger();
    expect([ledger.announce(A, 5), ledger.announce(B, 0)]).toEqual(['now', 'now']);
    const swarms = [
      { infoHash: A, left: 5 },
      { infoHash: B, left: 0 },
    ];
    expect(ledger.takeMessages()).toEqual([{ kind: 'announce', swarms }]);
    expect(ledger.takeMessages()).toEqual([]);
  });

  it('tells progress later, and only the last of it', () => {
    const ledger = new SessionLedger();
    ledger.announce(A, 5);
    ledger.takeMessages();
    expect([ledger.announce(A, 4), ledger.announce(A, 3)]).toEqual(['later', 'later']);
    expect(ledger.takeMessages()).toEqual([{ kind: 'progress', swarms: [{ infoHash: A, left: 3 }] }]);
  });

  it('tells at once that a share is complete', () => {
    const ledger = new SessionLedger();
    ledger.announce(A, 5);
    ledger.takeMessages();
    expect(ledger.announce(A, 0)).toBe('now');
  });

  it('does not repeat what it said', () => {
    const ledger = new SessionLedger();
    ledger.announce(A, 5);
    ledger.takeMessages();
    ledger.announce(A, 4);
    expect(ledger.announce(A, 5)).toBe('never');
    expect(ledger.takeMessages()).toEqual([]);
  });

  it('leaves what it entered, and says nothing of what it did not', () => {
    const ledger = new SessionLedger();
    ledger.announce(A, 5);
    ledger.takeMessages();
    ledger.announce(B, 5);
    expect([ledger.leave(A), ledger.leave(B)]).toEqual(['now', 'never']);
    expect(ledger.takeMessages()).toEqual([{ kind: 'leave', infoHashes: [A] }]);
  });

  it('says everything again to a new session', () => {
    const ledger = new SessionLedger();
    ledger.announce(A, 5);
    ledger.announce(B, 5);
    ledger.takeMessages();
    ledger.announce(A, 3);
    ledger.leave(B);
    ledger.forgetSaid();
    expect(ledger.takeMessages()).toEqual([{ kind: 'announce', swarms: [{ infoHash: A, left: 3 }] }]);
  });

  it('follows the catalogue once in each session, and only if asked to', () => {
    const ledger = new SessionLedger();
    ledger.forgetSaid();
    expect(ledger.takeMessages()).toEqual([]);
    expect(ledger.follow()).toBe('now');
    expect(ledger.takeMessages()).toEqual([{ kind: 'follow' }]);
    expect([ledger.follow(), ledger.takeMessages()]).toEqual(['never', []]);
    ledger.forgetSaid();
    expect(ledger.takeMessages()).toEqual([{ kind: 'follow' }]);
  });

  it('puts no more swarms into a message than it may hold', () => {
    const ledger = new SessionLedger();
    for (let n = 0; n <= LIMITS.announceSwarms; n++) ledger.announce(hashOf(n), 2 ** 52);
    const messages = ledger.takeMessages();
    expect(messages.map((message) => ('swarms' in message ? message.swarms.length : 0))).toEqual([
      LIMITS.announceSwarms,
      1,
    ]);
    for (const message of messages) {
      expect(JSON.stringify(message).length).toBeLessThanOrEqual(LIMITS.sessionMessageBytes);
    }
  });

  it('has told the session all that is wanted, whatever happened', () => {
    const action = fc.record({ swarm: fc.nat(3), left: fc.nat(3), kind: fc.constantFrom('announce', 'leave', 'take') });
    fc.assert(
      fc.property(fc.array(action), (actions) => {
        const ledger = new SessionLedger();
        const wanted = new Map<InfoHash, number>();
        const told = new Map<InfoHash, number>();
        const take = (): void => {
          for (const message of ledger.takeMessages()) {
            if (message.kind === 'leave') for (const infoHash of message.infoHashes) told.delete(infoHash);
            else if ('swarms' in message) for (const { infoHash, left } of message.swarms) told.set(infoHash, left);
          }
        };
        for (const { swarm, left, kind } of actions) {
          if (kind === 'take') take();
          else if (kind === 'leave') ledger.leave(hashOf(swarm));
          else ledger.announce(hashOf(swarm), left);
          if (kind === 'announce') wanted.set(hashOf(swarm), left);
          if (kind === 'leave') wanted.delete(hashOf(swarm));
        }
        take();
        expect(told).toEqual(wanted);
      }),
    );
  });
});
