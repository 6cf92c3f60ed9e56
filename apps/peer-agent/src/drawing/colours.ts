import pc from 'picocolors';

/** Functions that colour a text, or leave it as it is where colours are not wanted. */
export type Colours = ReturnType<typeof pc.createColors>;

/** Colours for a stream: only on a terminal, and never when NO_COLOR is set. */
export function chooseColours(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Colours {
  const isWanted = isTerminal && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return pc.createColors(isWanted);
}
