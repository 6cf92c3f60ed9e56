import { ShoalError, type ErrorCode } from '@shoal/protocol';

const LACK_CODES: Readonly<Record<string, ErrorCode>> = { EMFILE: 'too-many-files', ENFILE: 'too-many-files' };

const READ_CODES: Readonly<Record<string, ErrorCode>> = {
  ...LACK_CODES,
  ENOENT: 'not-found',
  ENOTDIR: 'not-found',
  EACCES: 'unreadable',
  EPERM: 'unreadable',
  ELOOP: 'unshareable-file',
  ESHORT: 'changed-while-read',
};

/** A failure while reading what a person wants to share, with the code that tells them what to do. */
export function readError(doing: string, cause: unknown): ShoalError {
  return shoalError(READ_CODES[codeOf(cause)] ?? 'storage-failed', doing, cause);
}

const WRITE_CODES: Readonly<Record<string, ErrorCode>> = {
  ...LACK_CODES,
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EACCES: 'unreadable',
  EPERM: 'unreadable',
  EROFS: 'unreadable',
};

/** A failure of the disk under a download: `disk-full`, `unreadable` without the permission, else `storage-failed`. */
export function storageError(doing: string, cause: unknown): ShoalError {
  return shoalError(WRITE_CODES[codeOf(cause)] ?? 'storage-failed', doing, cause);
}

/** The code that the operating system gave an error, or ''. */
export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

/** Whether something failed because the process, or the whole computer, may open no more. */
export function isLackOfDescriptors(error: unknown): boolean {
  return codeOf(error) in LACK_CODES;
}

function shoalError(code: ErrorCode, doing: string, cause: unknown): ShoalError {
  if (cause instanceof ShoalError) return cause;
  return new ShoalError(code, `${doing}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
