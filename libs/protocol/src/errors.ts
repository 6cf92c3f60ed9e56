import { toText } from './text.ts';

/**
 * The one catalogue of errors. A code is part of the protocol: it appears in HTTP bodies, in `bye` and `error`
 * messages, in `--json` output and in the documentation, and never changes its meaning. The text is what a person
 * can do next; the message of a `ShoalError` says what was being done and with what value.
 */
export const ERRORS = {
  // what a person or program gave us
  'bad-argument': 'Check the command; `shoal help` lists what each one takes.',
  'bad-config': 'Correct the named setting; the message says what is allowed.',
  'bad-json': 'The document must be one JSON value in UTF-8, complete and not too deep.',
  'too-large': 'Send less at once; docs/protocol.md lists the limits.',
  'bad-message': 'The message does not follow docs/protocol.md; both sides may need the same version.',
  'bad-link': 'A link reads `shoal:<info hash>?name=…&tracker=…`.',
  'bad-tracker-url': 'Write the tracker as localhost:8000, http://host:port or https://host.',
  // metainfo
  'bad-metainfo': 'The .torrent is damaged or was made by something else; get it again from whoever shared it.',
  'unsafe-path': 'A path in the .torrent could leave its folder or cannot exist everywhere; do not trust its source.',
  'wrong-info-hash': 'The metainfo is not the one that was asked for; ask another tracker or peer.',
  // files
  'not-found': 'Check the name and the path.',
  unreadable: 'Check the permissions of the file and of its folders.',
  'empty-share': 'Put at least one byte into what you share.',
  'unshareable-file': 'Only regular files can be shared; leave links, sockets and devices out.',
  'changed-while-read': 'The file changed under us; wait until nobody writes to it, then try again.',
  'target-exists': 'Nothing is overwritten: move the existing file away or choose another folder.',
  'download-locked': 'Another process downloads this to the same folder; stop it or choose another folder.',
  'disk-full': 'Free some space; the download goes on from where it stopped.',
  'storage-failed': 'The disk refused a read or a write; check it, then start again: verified pieces are kept.',
  'too-many-files':
    'Raise the limit of open files (`ulimit -n`) or close other programs, then start again: nothing is lost.',
  'content-mismatch': 'What is on disk is not what the .torrent describes; download it again.',
  // network
  'port-in-use': 'Choose another port, or stop the program that listens there.',
  'tracker-unreachable': 'Start the tracker or correct its address; we keep trying and go on with known peers.',
  'tracker-refused': 'The tracker answered with an error; its reason is in the message.',
  'peer-unreachable': 'Check address and port, and that no firewall is between.',
  'unknown-share': 'Nobody registered this share there; check the info hash and the tracker.',
  'ambiguous-name': 'Several shares have this name; use the info hash of the one you mean.',
  'timed-out': 'The other side did not answer in time; try again.',
  // peer protocol
  'unsupported-version': 'The other side speaks another version; update the older one.',
  'self-link': 'This is our own address.',
  'duplicate-link': 'There is already a link to this peer.',
  'too-many-links': 'The agent has all the links that it may have; try again later.',
  'protocol-violation': 'The peer broke docs/protocol.md and was disconnected.',
  'bad-piece': 'The peer sent bytes that fail SHA-256 and was banned.',
  'shutting-down': 'The other side is closing.',
  idle: 'Nothing was shared on this link any more.',
  // agent
  'agent-running': 'An agent already uses this state; stop it first or set another SHOAL_HOME.',
  'already-here': 'Copy it from there, or take it out of this agent first with `shoal remove`.',
  'agent-unreachable': 'Start it with `shoal agent`.',
  unauthorized: 'Send the token from the agent’s control file.',
  'forbidden-origin':
    'Pages reach an agent only from origins that its tracker or its owner named; its control API, only programs on its machine.',
  'state-damaged': 'The agent’s state could not be read; move the named file away to start afresh.',
  // tracker
  'method-not-allowed': 'Look the call up in docs/protocol.md.',
  'wrong-content-type': 'Send JSON, and say so: Content-Type: application/json.',
  overloaded: 'Too many sessions; try again after the time in Retry-After.',
  'database-unavailable':
    'The tracker cannot use its database; whoever runs it should check the file and its permissions.',
  'database-newer': 'A newer tracker wrote this database; run that version.',
  internal: 'This is a defect of Shoal; please report it with the log.',
} as const satisfies Record<string, string>;

/** A code of the catalogue. */
export type ErrorCode = keyof typeof ERRORS;

/** Tells whether a string from outside is a code of the catalogue. */
export function isErrorCode(value: string): value is ErrorCode {
  return Object.hasOwn(ERRORS, value);
}

/** The only error that Shoal throws on purpose: a code, what was being done with what value, and the cause. */
export class ShoalError extends Error {
  override readonly name = 'ShoalError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }

  /** What the person can do next, from the catalogue. */
  get hint(): string {
    return ERRORS[this.code];
  }
}

/** The error as another program sees it: in HTTP bodies, `error` messages and `--json` output. */
export interface ErrorReport {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

/** Reduces anything thrown to what may be shown: a stranger's error becomes `internal`, without its stack. */
export function reportError(error: unknown): ErrorReport {
  const message = toText(error instanceof Error ? error.message : String(error));
  const code = error instanceof ShoalError ? error.code : 'internal';
  return { code, message, hint: ERRORS[code] };
}
