import { LIMITS } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import { A, fakeTracker, hello, openSession, QUICK, report, standing, until } from './sessions.ts';

describe('a session', () => {
  it('says what its machine is called, the rest of a long name left out', async () => {
    const tracker = await fakeTracker();
    openSession(tracker.url, { ...QUICK, name: 'web-7' });
    openSession(tracker.url, { ...QUICK, name: 'w'.repeat(LIMITS.machineNameLength + 1) });
    openSession(tracker.url, { ...QUICK, name: `${'w'.repeat(LIMITS.machineNameLength - 1)}\u{1f41f}` });
    await until(() => {
      const names = tracker.said.map((message) => ('name' in message ? message.name : undefined));
      const longest = 'w'.repeat(LIMITS.machineNameLength);
      expect(names.sort()).toEqual(['web-7', longest, `${longest.slice(1)}\ufffd`].sort());
    });
  });

  it('reports how it stands', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url);
    await standing(session);
    session.report([report(A)]);
    await until(() => {
      expect(tracker.said.slice(1)).toEqual([{ kind: 'report', swarms: [report(A)] }]);
    });
  });

  it('that is lost reports nothing, and says that nobody wants to be told', async () => {
    const tracker = await fakeTracker();
    const session = openSession(tracker.url, { ...QUICK, retry: { baseMs: 60_000, capMs: 60_000 } });
    await standing(session);
    tracker.say({ kind: 'watch', isLookedAt: true, infoHashes: [] });
    tracker.open[0]?.terminate();
    await until(() => {
      expect(session.told.at(-1)).toEqual(['watch', undefined]);
    });
    session.report([report(A)]);
    expect(tracker.said).toEqual([hello]);
  });
});
