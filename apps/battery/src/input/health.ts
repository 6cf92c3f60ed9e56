/** What a program must be like after a table was thrown at it. */
import type { Program } from '@shoal/testbed';
import { fact, type Figure } from '../figure.ts';

const STACK = /^\s+at .+:\d+:\d+|node_modules|\[object Object\]|UnhandledPromise/m;
/** All that moves a cursor, colours, ends a line or turns the direction of reading, but for line ends and tabs. */
// eslint-disable-next-line no-control-regex -- control characters are what is looked for
const RAW = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/** It runs, and has printed no stack, no line that asks for action, and nothing that a terminal would obey. */
export function isWell(name: string, program: Program): Figure {
  const stack = STACK.exec(program.output)?.[0].trim();
  const defect = /"level":[56]0.{0,300}/.exec(program.output)?.[0];
  const raw = rawCharacters(program.output);
  const troubles = [
    ...(program.isRunning ? [] : ['it has ended']),
    ...(stack === undefined ? [] : [`it printed ${stack}`]),
    ...(defect === undefined ? [] : [`it logged ${defect}`]),
    ...(raw.length === 0 ? [] : [`it printed ${raw.join(' ')}`]),
  ];
  return fact(`${name} afterwards`, {
    demand: 'runs; no stack, no defect, no control character printed',
    seen: troubles.length === 0 ? 'so it is' : troubles.join('; '),
    holds: troubles.length === 0,
  });
}

/** The different characters of an output that a terminal would obey, as escapes. */
export function rawCharacters(output: string): string[] {
  const found = new Set(output.match(RAW) ?? []);
  return [...found].map((character) => JSON.stringify(character));
}

/** Whether a stack or the inside of a program stands in a text that a stranger sees. */
export function showsInside(text: string): boolean {
  return STACK.test(text);
}

/** Whether something honest still works. */
export async function stillWorks(what: string, work: () => Promise<unknown>): Promise<Figure> {
  const seen = await work().then(
    () => 'it works',
    (error: unknown) => `failure: ${String(error)}`,
  );
  return fact(what, { demand: 'still works', seen, holds: seen === 'it works' });
}
