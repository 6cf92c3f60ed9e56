import type { WriteStream } from 'node:tty';
import pc from 'picocolors';

/** A stream that may be a terminal. */
export type OutputStream = NodeJS.WritableStream & Partial<Pick<WriteStream, 'isTTY' | 'columns'>>;

/** Functions that colour a text, or leave it as it is where colours are not wanted. */
export type Colours = ReturnType<typeof pc.createColors>;

/** What a text has to fit into, and how it may look. */
export interface Frame {
  readonly columns: number;
  readonly colours: Colours;
}

/** Where nobody's window has an edge, only what is absurdly long is cut. */
const COLUMNS_OF_A_FILE = 200;

/** The frame of a stream now: colours only on a terminal, and never when NO_COLOR is set. */
export function frameOf(
  { isTTY = false, columns = COLUMNS_OF_A_FILE }: OutputStream,
  env: Readonly<Record<string, string | undefined>>,
): Frame {
  const isColourful = isTTY && (env.NO_COLOR ?? '') === '' && env.TERM !== 'dumb';
  return { columns, colours: pc.createColors(isColourful) };
}
