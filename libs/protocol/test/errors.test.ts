import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { ERRORS, isErrorCode, reportError, ShoalError } from '../src/errors.ts';
import { LIMITS } from '../src/limits.ts';

/** The catalogue. A code is part of the protocol: add new ones here, and never take one away or change its meaning. */
const CODES = [
  ...['bad-argument', 'bad-config', 'bad-json', 'too-large', 'bad-message', 'bad-link', 'bad-tracker-url'],
  ...['bad-metainfo', 'unsafe-path', 'wrong-info-hash'],
  ...[
    'not-found',
    'unreadable',
    'empty-share',
    'unshareable-file',
    'changed-while-read',
    'target-exists',
    'too-many-files',
    'download-locked',
  ],
  ...['disk-full', 'storage-failed', 'content-mismatch'],
  ...['port-in-use', 'tracker-unreachable', 'tracker-refused', 'peer-unreachable', 'unknown-share'],
  ...['ambiguous-name', 'timed-out'],
  ...['unsupported-version', 'self-link', 'duplicate-link', 'too-many-links', 'protocol-violation', 'bad-piece'],
  ...['shutting-down', 'idle'],
  ...['agent-running', 'already-here', 'agent-unreachable', 'unauthorized', 'forbidden-origin', 'state-damaged'],
  ...['method-not-allowed', 'wrong-content-type', 'overloaded', 'database-unavailable', 'database-newer', 'internal'],
];

const codes = Object.keys(ERRORS);

function sources(): string {
  const root = new URL('../../../', import.meta.url);
  const projects = ['libs', 'apps'].flatMap((area) =>
    readdirSync(new URL(area, root)).map((name) => new URL(`${area}/${name}/src/`, root)),
  );
  const texts = projects.flatMap((folder) => {
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.ts'));
    return files
      .map((file) => new URL(file, folder))
      .filter((file) => !file.pathname.endsWith('protocol/src/errors.ts'));
  });
  return texts.map((file) => readFileSync(file, 'utf8')).join('\n');
}

describe('the catalogue', () => {
  it('has exactly the codes that are listed here', () => {
    expect([...codes].sort()).toEqual([...CODES].sort());
  });

  it('names each code in lower case with hyphens, and gives it a sentence of what to do', () => {
    expect(codes.filter((code) => !/^[a-z]+(-[a-z]+)*$/.test(code))).toEqual([]);
    const hints = Object.entries(ERRORS).filter(([, hint]) => !/^[A-Z].{10,120}\.$/.test(hint));
    expect(hints).toEqual([]);
  });

  it('has no code that nobody uses', () => {
    const text = sources();
    expect(codes.filter((code) => !text.includes(`'${code}'`))).toEqual([]);
  });
});

describe('isErrorCode', () => {
  it('holds for the catalogue, and not for what every object inherits', () => {
    expect(codes.every(isErrorCode)).toBe(true);
    expect(['toString', '__proto__', 'constructor', ''].some(isErrorCode)).toBe(false);
  });
});

describe('ShoalError', () => {
  it('carries code, message, hint and cause', () => {
    const cause = new Error('why');
    const error = new ShoalError('disk-full', 'writing a.txt', { cause });
    expect(error).toMatchObject({ name: 'ShoalError', code: 'disk-full', message: 'writing a.txt', cause });
    expect(error.hint).toBe(ERRORS['disk-full']);
  });
});

describe('reportError', () => {
  it('shows code, message and hint', () => {
    const report = { code: 'not-found', message: 'opening a.txt', hint: ERRORS['not-found'] };
    expect(reportError(new ShoalError('not-found', 'opening a.txt'))).toEqual(report);
  });

  it.each([new TypeError('x is not a function'), 'x is not a function'])('calls a stranger internal', (thrown) => {
    const report = { code: 'internal', message: 'x is not a function', hint: ERRORS.internal };
    expect(reportError(thrown)).toEqual(report);
  });

  it('keeps to the length that a message may have', () => {
    const { message } = reportError(new ShoalError('internal', 'x'.repeat(LIMITS.stringLength + 1)));
    expect(message).toHaveLength(LIMITS.stringLength);
  });
});
