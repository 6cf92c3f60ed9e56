import { reportError } from '@shoal/protocol';
import type { Output } from '../drawing/output.ts';
import type { Session } from '../session.ts';
import { EXIT, type Command, type ExitCode, type Input } from './command.ts';

/** Runs one command and says what went wrong, if anything does: the one place where an error becomes an exit code. */
export async function runCommand(
  { command, input }: { readonly command: Command; readonly input: Input },
  session: Session,
  output: Output,
): Promise<ExitCode> {
  try {
    return await command.run(input, session, output);
  } catch (error) {
    if (session.signal.aborted) return EXIT.interrupted;
    output.error(error, session.settings.values.debug);
    return exitCodeOf(error);
  }
}

/** The exit code of a failure. */
export function exitCodeOf(error: unknown): ExitCode {
  switch (reportError(error).code) {
    case 'bad-argument':
    case 'bad-config':
    case 'bad-tracker-url':
    case 'bad-link':
      return EXIT.usage;
    case 'content-mismatch':
      return EXIT.mismatch;
    default:
      return EXIT.failure;
  }
}
