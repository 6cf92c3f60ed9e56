import type { Program } from '@shoal/testbed';

/** Waits for the end of a command with `--json`. Answers the code of the error that it told, or `success`. */
export async function toldCode(program: Program): Promise<string> {
  const { code } = await program.ended();
  if (code === 0) return 'success';
  return /"error": \{\s*"code": "([a-z-]+)"/.exec(program.output)?.[1] ?? 'nothing';
}
