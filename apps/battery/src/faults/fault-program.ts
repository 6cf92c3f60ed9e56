/**
 * Runs inside the program under attack before the program itself (`node --require`), in each of its threads: counts what it
 * asks of its disk, and strikes where a rule says so. The program knows nothing of it.
 */
import childProcess from 'node:child_process';
import { createHash, type Hash } from 'node:crypto';
import fs, { type PathLike } from 'node:fs';
import files, { type FileHandle } from 'node:fs/promises';
import {
  CLOCK_JUMP_VARIABLE,
  FAULT_RULES_VARIABLE,
  type FaultCall,
  type FaultPlace,
  type FaultRule,
} from './fault-rule.ts';
import { jumpAtSignal } from './wall-clock.ts';

interface ArmedRule extends FaultRule {
  calls: number;
}

type Method = (...args: never[]) => unknown;

const rules: ArmedRule[] = readRules().map((rule) => ({ ...rule, calls: 0 }));

function readRules(): readonly FaultRule[] {
  // Our own words, written by `withFaults`.
  return JSON.parse(process.env[FAULT_RULES_VARIABLE] ?? '[]') as readonly FaultRule[];
}

function placeOf(path: string): FaultPlace {
  if (path.endsWith('.part.have.new')) return 'new-have-map';
  if (path.endsWith('.part.have')) return 'have-map';
  return /\.part(\/|$)/.test(path) ? 'data' : 'other';
}

/** Whom a call meets, for rules that ask for such calls. */
interface Call {
  readonly call: FaultCall;
  readonly path: string;
  readonly place: FaultPlace;
  readonly pieceBytes?: number;
}

function strikes(rule: ArmedRule, { call, path, place, pieceBytes }: Call): boolean {
  if (rule.call !== call || rule.pieceBytes !== pieceBytes) return false;
  if (call !== 'hash' && (rule.place !== place || !path.startsWith(rule.below))) return false;
  if (rule.whileThere !== undefined && !fs.existsSync(rule.whileThere)) return false;
  rule.calls++;
  return rule.lasts === 'once' ? rule.calls === rule.nth : rule.calls >= rule.nth;
}

function strike(moment: FaultRule['moment'], call: Call): void {
  for (const rule of rules) {
    if (rule.moment !== moment || !strikes(rule, call)) continue;
    if (rule.fault === 'kill') process.kill(process.pid, 'SIGKILL');
    else throw Object.assign(new Error(`${rule.fault}: a fault at ${call.path}`), { code: rule.fault });
  }
}

async function around<T>(call: Call, action: () => Promise<T>): Promise<T> {
  strike('before', call);
  const result = await action();
  strike('after', call);
  return result;
}

function aroundSync<T>(call: Call, action: () => T): T {
  strike('before', call);
  const result = action();
  strike('after', call);
  return result;
}

/** Replaces a method of an object by one that does something around it. */
function wrap<K extends string>(
  target: Record<K, unknown>,
  name: K,
  wrapper: (original: Method, self: unknown, args: never[]) => unknown,
): void {
  const original = target[name] as Method;
  target[name] = function (this: unknown, ...args: never[]) {
    return wrapper(original, this, args);
  };
}

function callAt(call: FaultCall, path: PathLike): Call {
  const text = String(path);
  return { call, path: text, place: placeOf(text) };
}

const HANDLE_CALLS = {
  write: 'write',
  writev: 'write',
  writeFile: 'write',
  sync: 'flush',
  datasync: 'flush',
  truncate: 'truncate',
} as const;

function watchHandle(handle: FileHandle, path: string, place: FaultPlace): void {
  for (const [name, call] of Object.entries(HANDLE_CALLS)) {
    wrap(handle as unknown as Record<string, unknown>, name, (original, _self, args) =>
      around({ call, path, place }, () => original.apply(handle, args) as Promise<unknown>),
    );
  }
}

function watchPromises(): void {
  const calls = files as unknown as Record<string, unknown>;
  wrap(calls, 'open', (original, self, args: readonly unknown[]) => {
    const [path, flags] = args;
    const at = callAt('open', String(path));
    const place = flags === 'r' ? 'folder' : at.place;
    return around({ ...at, place }, async () => {
      const handle = (await original.apply(self, args as never[])) as FileHandle;
      watchHandle(handle, at.path, place);
      return handle;
    });
  });
  const named = { rename: 'rename', link: 'link', unlink: 'remove', rm: 'remove' } as const;
  for (const [name, call] of Object.entries(named)) {
    wrap(calls, name, (original, self, args: readonly unknown[]) =>
      around(callAt(call, String(args[0])), () => original.apply(self, args as never[]) as Promise<unknown>),
    );
  }
}

/** What the threads for small files call. */
function watchSync(): void {
  const calls = fs as unknown as Record<string, unknown>;
  const paths = new Map<unknown, string>();
  wrap(calls, 'openSync', (original, self, args: readonly unknown[]) => {
    const fd = original.apply(self, args as never[]);
    paths.set(fd, String(args[0]));
    return fd;
  });
  wrap(calls, 'writeSync', (original, self, args: readonly unknown[]) =>
    aroundSync(callAt('write', paths.get(args[0]) ?? ''), () => original.apply(self, args as never[])),
  );
}

/** `sync -f` is how a program without `syncfs` calls it. */
function watchSyncProgram(): void {
  wrap(childProcess as unknown as Record<string, unknown>, 'execFile', (original, self, args: readonly unknown[]) => {
    const [file, options] = args;
    const path = Array.isArray(options) ? String(options[1]) : '';
    if (file !== 'sync' || path === '/proc') return original.apply(self, args as never[]);
    const done = args.at(-1) as (error: unknown, stdout?: string, stderr?: string) => void;
    const call: Call = { call: 'flush', path, place: 'data' };
    try {
      strike('before', call);
    } catch (error) {
      process.nextTick(done, error);
      return undefined;
    }
    const andThen = (error: unknown, stdout: string, stderr: string): void => {
      strike('after', call);
      done(error, stdout, stderr);
    };
    return original.apply(self, [...args.slice(0, -1), andThen] as never[]);
  });
}

function watchHashes(): void {
  const sizes = new WeakMap<object, number>();
  const prototype = Object.getPrototypeOf(createHash('sha256')) as Record<string, unknown>;
  wrap(prototype, 'update', (original, self, args: readonly unknown[]) => {
    const [data] = args;
    const bytes = data instanceof Uint8Array ? data.length : 0;
    sizes.set(self as Hash, (sizes.get(self as Hash) ?? 0) + bytes);
    return original.apply(self, args as never[]);
  });
  wrap(prototype, 'digest', (original, self, args) => {
    const pieceBytes = sizes.get(self as Hash) ?? 0;
    return aroundSync({ call: 'hash', path: '', place: 'other', pieceBytes }, () => original.apply(self, args));
  });
}

if (rules.length > 0) {
  watchPromises();
  watchSync();
  watchSyncProgram();
  if (rules.some(({ call }) => call === 'hash')) watchHashes();
}
const clockJump = process.env[CLOCK_JUMP_VARIABLE];
if (clockJump !== undefined) jumpAtSignal(clockJump);
