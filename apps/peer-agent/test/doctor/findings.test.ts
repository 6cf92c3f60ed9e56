import { describe, expect, test } from 'vitest';
import type { Facts, FolderFact, ReachabilityFact, TrackerFact } from '../../src/doctor/facts.ts';
import type { Finding } from '../../src/doctor/finding.ts';
import { judge } from '../../src/doctor/findings.ts';

const folder: FolderFact = { path: '/data', exists: true, freeBytes: 50 * 1024 ** 3 };
const tracker: TrackerFact = { url: 'http://tracker.example', clockAheadMs: 200 };
const well: Facts = {
  settingsFile: '/etc/shoal.yaml',
  home: folder,
  downloads: folder,
  shares: [folder],
  port: { state: 'free', port: 7000 },
  tracker,
  reachability: { state: 'reachable', reachableAt: { host: '198.51.100.7', port: 7000 } },
};

/** The findings about one thing when these facts are otherwise. */
function about(what: Finding['about'], changes: Partial<Facts>): Finding[] {
  return judge({ ...well, ...changes }).filter((finding) => finding.about === what);
}

function reached(changes: Partial<ReachabilityFact>, port: Facts['port'] = well.port): Finding | undefined {
  return about('reachability', { port, reachability: { state: 'unreachable', ...changes } })[0];
}

test('finds everything well, each thing once, with nothing to do', () => {
  const findings = judge(well);
  expect(findings.map(({ about: what }) => what)).toEqual([
    'settings',
    'home',
    'downloads',
    'share',
    'port',
    'tracker',
    'clock',
    'reachability',
  ]);
  expect(findings.filter(({ mark, advice }) => mark !== 'ok' || advice !== undefined)).toEqual([]);
});

test('says which settings file is read, and that none is needed', () => {
  expect(about('settings', {})[0]?.says).toContain('/etc/shoal.yaml');
  const { settingsFile: _none, ...without } = well;
  expect(judge(without)[0]).toMatchObject({ mark: 'ok', says: expect.stringContaining('no settings file') as unknown });
});

describe('folders', () => {
  test('a home or downloads that cannot be written to are problems, with what to set', () => {
    const bad: FolderFact = { ...folder, trouble: 'not-writable' };
    expect(about('home', { home: bad })).toMatchObject([
      {
        mark: 'problem',
        says: 'the home /data cannot be written to',
        advice: expect.stringContaining('SHOAL_HOME') as unknown,
      },
    ]);
    expect(about('downloads', { downloads: bad })).toMatchObject([
      { mark: 'problem', advice: expect.stringContaining('--downloads') as unknown },
    ]);
  });

  test('a file in the place of a folder is not to be given to anybody', () => {
    const file: FolderFact = { ...folder, trouble: 'not-a-folder' };
    expect(about('downloads', { downloads: file })[0]?.advice).toBe('set another with --downloads');
  });

  test('a folder that can be made is well', () => {
    const absent: FolderFact = { ...folder, exists: false };
    expect(about('home', { home: absent })[0]).toMatchObject({ mark: 'ok' });
    expect(about('downloads', { downloads: absent })[0]?.says).toContain('can be made, with 50 GiB free');
  });

  test.each([
    [0, 'problem'],
    [1024 ** 3 - 1, 'warning'],
    [1024 ** 3, 'ok'],
  ])('%d bytes free are a finding of %s', (freeBytes, mark) => {
    expect(about('downloads', { downloads: { ...folder, freeBytes } })[0]).toMatchObject({ mark });
  });

  test('each watched folder is a finding of its own', () => {
    const shares: FolderFact[] = [folder, { path: '/gone', exists: false, trouble: 'missing' }];
    const [first, second] = about('share', { shares });
    expect([first?.mark, second?.mark]).toEqual(['ok', 'problem']);
    expect(second).toMatchObject({
      says: 'the watched folder /gone is not there',
      advice: expect.stringContaining('make it') as unknown,
    });
  });
});

test.each<[Facts['port'], Finding['mark'], RegExp]>([
  [{ state: 'free' }, 'ok', /any free port/],
  [{ state: 'held-by-agent', port: 7000 }, 'ok', /held by the agent/],
  [{ state: 'held-by-agent', port: 7000, wanted: 7000 }, 'ok', /held by the agent/],
  [{ state: 'held-by-agent', port: 7000, wanted: 8000 }, 'warning', /restart it: port 8000/],
  [{ state: 'taken', port: 7000 }, 'problem', /another program.*--port/],
  [{ state: 'refused', port: 7000, reason: 'no such address' }, 'problem', /no such address.*--host/],
])('port %o is %s', (port, mark, text) => {
  const [finding] = about('port', { port });
  expect(finding?.mark).toBe(mark);
  expect(`${finding?.says ?? ''} ${finding?.advice ?? ''}`).toMatch(text);
});

describe('the tracker', () => {
  test('none is a warning with what it is needed for', () => {
    const { tracker: _none, reachability: _unasked, ...without } = well;
    const findings = judge(without).filter(({ about: what }) => ['tracker', 'clock', 'reachability'].includes(what));
    expect(findings).toMatchObject([{ mark: 'warning', advice: expect.stringContaining('--tracker') as unknown }]);
  });

  test.each<[TrackerFact['trouble'] & string, RegExp]>([
    ['unknown-name', /nobody knows \(X\) .*name service/],
    ['refused', /does not run there \(X\) start it/],
    ['silent', /does not answer \(X\) .*firewalls/],
    ['certificate', /certificate.*\(X\) .*NODE_EXTRA_CA_CERTS/],
    ['unwell', /\(X\) .*proxy/],
  ])('%s is a problem with its reason and what to do', (trouble, text) => {
    const [finding] = about('tracker', { tracker: { ...tracker, trouble, reason: 'X' } });
    expect(finding?.mark).toBe('problem');
    expect(`${finding?.says ?? ''} ${finding?.advice ?? ''}`).toMatch(text);
  });
});

describe('the clock', () => {
  test.each([60_000, -60_000])('may be off by %d ms', (clockAheadMs) => {
    expect(about('clock', { tracker: { ...tracker, clockAheadMs } })).toMatchObject([{ mark: 'ok' }]);
  });

  test('that is off by more is a problem, with by how much', () => {
    const says = (clockAheadMs: number): string | undefined => {
      return about('clock', { tracker: { ...tracker, clockAheadMs } })[0]?.says;
    };
    expect(says(61_000)).toContain('1m 1s ahead of');
    expect(says(-7_200_000)).toContain('2h behind');
    expect(about('clock', { tracker: { ...tracker, clockAheadMs: 61_000 } })).toMatchObject([{ mark: 'problem' }]);
  });

  test('is not judged when the tracker tells no time', () => {
    expect(about('clock', { tracker: { url: tracker.url } })).toEqual([]);
  });
});

describe('reachability', () => {
  test.each([
    ['198.51.100.7', /^others can reach/],
    ['10.0.0.7', /private network/],
    ['127.0.0.1', /on this machine/],
  ])('at %s says who gets through', (host, text) => {
    const finding = reached({ state: 'reachable', reachableAt: { host, port: 7000 } });
    expect(finding).toMatchObject({ mark: 'ok', says: expect.stringMatching(text) as unknown });
    expect(finding?.says).toContain(`${host}:7000`);
  });

  test('elsewhere than advertised is a warning', () => {
    const finding = reached({
      state: 'reachable',
      reachableAt: { host: '198.51.100.7', port: 7000 },
      advertised: { host: 'builds.example', port: 7000 },
    });
    expect(finding).toMatchObject({ mark: 'warning', advice: expect.stringContaining('--advertise') as unknown });
    expect(finding?.says).toContain('builds.example:7000');
  });

  test('as advertised is well', () => {
    const address = { host: 'builds.example', port: 7000 };
    expect(reached({ state: 'reachable', reachableAt: address, advertised: address })).toMatchObject({ mark: 'ok' });
  });

  test('that is missing is a warning: what still works, what does not, and what to set', () => {
    const finding = reached({ observedHost: '198.51.100.7' });
    expect(finding?.mark).toBe('warning');
    expect(finding?.says).toMatch(/at 198\.51\.100\.7: it still downloads and serves by dialling out, but two such/);
    expect(finding?.advice).toMatch(/^open port 7000 .*--advertise/);
    expect(reached({}, { state: 'free' })?.advice).toMatch(/^set --port/);
  });

  test('of an agent that listens on loopback is a matter of --host', () => {
    const finding = reached({}, { state: 'free', host: '127.0.0.1' });
    expect(finding?.advice).toBe('it listens on 127.0.0.1 only: take --host away');
  });

  test('that the tracker does not tell is a warning', () => {
    expect(reached({ state: 'unknown' })).toMatchObject({ mark: 'warning', advice: 'ask again in a minute' });
  });

  test('without a session is a problem of whatever stands before the tracker', () => {
    const finding = reached({ state: 'no-session', reason: 'it answered with status 404' });
    expect(finding).toMatchObject({ mark: 'problem', advice: expect.stringContaining('/v1/session') as unknown });
    expect(finding?.says).toContain('status 404');
  });
});
