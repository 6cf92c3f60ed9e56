import type { Defence } from './defence.ts';

const GROUP_COMMIT = 'apps/tracker/src/store/group-commit.ts';
const MIGRATE = 'apps/tracker/src/store/migrate.ts';
const PRISMA_STORE = 'apps/tracker/src/store/prisma-store.ts';
const REGISTER = 'apps/tracker/src/http/register.ts';

const GROUP_COMMIT_TEST = 'apps/tracker/test/store/group-commit.test.ts';
const MIGRATE_TEST = 'apps/tracker/test/store/migrate.test.ts';
const PRISMA_STORE_TEST = 'apps/tracker/test/store/prisma-store.test.ts';
const REGISTER_TEST = 'apps/tracker/test/http/register.test.ts';
const REFUSALS_TEST = 'apps/tracker/test/http/refusals.test.ts';
const SESSION_TEST = 'apps/tracker/test/ws/session-life.test.ts';

/** What the tracker defends: its memory, its database, its callers. */
export const ROWS_OF_TRACKER: readonly Defence[] = [
  {
    defence: 'a share is committed before it is acknowledged',
    file: GROUP_COMMIT,
    original: 'const fresh = await this.#parts.commit(group.map(({ item }) => item));',
    switchedOff:
      'const fresh = new Set(group.map(({ item }) => item)); void this.#parts.commit([...fresh]).catch(() => undefined);',
    test: GROUP_COMMIT_TEST,
    title: 'answers nobody before what they brought is committed',
  },
  {
    defence: 'a share whose transaction fails is not acknowledged',
    file: GROUP_COMMIT,
    original: 'for (const { reject } of group) reject(error);',
    switchedOff: 'for (const { resolve } of group) resolve(error === undefined);',
    test: GROUP_COMMIT_TEST,
    title: 'that fails is told to all who are in it, and to nobody else',
  },
  {
    defence: 'one transaction takes only so many shares',
    file: GROUP_COMMIT,
    original: 'if (count === limits.items || (count > 0 && weight > limits.weight)) break;',
    switchedOff: '',
    test: GROUP_COMMIT_TEST,
    title: 'takes no more at once than it may, and what is too heavy by itself',
  },
  {
    defence: 'a commit is flushed to the disk, and a database that does not do so is not served',
    file: PRISMA_STORE,
    original: 'await this.#prisma.$queryRaw`PRAGMA synchronous = FULL`;',
    switchedOff: '',
    test: PRISMA_STORE_TEST,
    title: 'keeps what it acknowledged when it is opened again',
  },
  {
    defence: 'a write waits while another program holds the lock',
    file: PRISMA_STORE,
    original: "error.code === 'P1008' || (error.code === 'P2010' && rawFailureSchema.safeParse(error.meta).success)",
    switchedOff: "error.code === 'P1008'",
    test: PRISMA_STORE_TEST,
    title: 'a write waits, and succeeds when the lock is gone',
  },
  {
    defence: 'no write joins the transaction of another',
    file: 'apps/tracker/src/store/write-queue.ts',
    original: 'const result = this.#last.then(() => this.#attempt(write));',
    switchedOff: 'const result = this.#attempt(write);',
    test: 'apps/tracker/test/store/write-queue.test.ts',
    title: 'runs one write at a time, in order',
  },
  {
    defence: 'a database whose end is missing is refused',
    file: MIGRATE,
    original: 'refuseTruncated(database, file);',
    switchedOff: '',
    test: MIGRATE_TEST,
    title: 'when its end is missing and a log of a program that was killed hides it',
  },
  {
    defence: 'a database of a newer program is refused',
    file: MIGRATE,
    original: 'if (unknown !== undefined) {',
    switchedOff: "if (unknown === '') {",
    test: MIGRATE_TEST,
    title: 'when a newer program wrote it',
  },
  {
    defence: 'a database of another program is left alone',
    file: MIGRATE,
    original: '  refuseForeign(database, file);',
    switchedOff: '',
    test: MIGRATE_TEST,
    title: 'when it belongs to another program, which it leaves alone',
  },
  {
    defence: 'registrations are written behind in several transactions, between which others have their turn',
    file: 'apps/tracker/src/store/registration-log.ts',
    original: 'const AT_ONCE = 250;',
    switchedOff: 'const AT_ONCE = 1e9;',
    test: 'apps/tracker/test/store/registration-log.test.ts',
    title: 'writes many in several transactions, and lets others have their turn between',
  },
  {
    defence: 'only so many shares are registered at once',
    file: REGISTER,
    original: 'this.#count >= MAX_REGISTRATIONS || ',
    switchedOff: '',
    test: REGISTER_TEST,
    title: 'takes 256 small metainfos at once, and tells the next to come later',
  },
  {
    defence: 'the shares that are registered at once take only so much memory',
    file: REGISTER,
    original: ' || this.#bytes + bytes > MAX_BYTES',
    switchedOff: '',
    test: REGISTER_TEST,
    title: 'takes 32 of the largest at once, whose places are free again when they go away',
  },
  {
    defence: 'a body of a call is read only up to its limit',
    file: 'apps/tracker/src/http/plain-calls.ts',
    original: 'if (length <= maxBytes) {',
    switchedOff: 'if (length >= 0) {',
    test: 'apps/tracker/test/http/plain-calls.test.ts',
    title: 'that is too long is not read to its end',
    limits: ['httpBodyBytes'],
  },
  {
    defence: 'the headers of a call are read only up to their limit',
    file: 'apps/tracker/src/tracker.ts',
    original: 'maxHeaderSize: LIMITS.headerBytes,',
    switchedOff: 'maxHeaderSize: 100 * LIMITS.headerBytes,',
    test: REFUSALS_TEST,
    title: 'headers that are too large',
    limits: ['headerBytes'],
  },
  {
    defence: 'what went wrong inside the tracker is not told to strangers',
    file: 'apps/tracker/src/http/problem.ts',
    original: "const isInside = error.code === 'internal' || error.code === 'database-unavailable';",
    switchedOff: 'const isInside = false;',
    test: 'apps/tracker/test/http/problem.test.ts',
    title: 'of the tracker’s own does not tell strangers what went wrong',
  },
  {
    defence: 'a session beyond the budget of file descriptors is refused with 503',
    file: 'apps/tracker/src/ws/gateway.ts',
    original: 'if (this.#connections.size >= most) {',
    switchedOff: 'if (this.#connections.size < 0) {',
    test: 'apps/tracker/test/ws/gateway.test.ts',
    title: 'a gateway takes as many sessions as it may, and tells the next to come back later',
  },
  {
    defence: 'a session that gives no sign of life is cut',
    file: 'apps/tracker/src/ws/connection.ts',
    original: 'if (this.#unanswered++ >= MISSED_PONGS) this.#socket.terminate();',
    switchedOff: 'if (this.#unanswered++ < 0) this.#socket.terminate();',
    test: SESSION_TEST,
    title: 'is cut when it misses two pings',
  },
];
