/** What is made of any honest message by breaking one rule of its form. */
import { LIMITS } from '@shoal/protocol';
import type { Row } from '../table.ts';

/** A message as it stands on the wire, and the kind that it pretends to be. */
export interface BadMessage extends Row {
  readonly kind: string;
  readonly text: string;
}

/** A message as a table of honest ones has it. */
export interface HonestMessage {
  readonly kind: string;
  readonly [key: string]: unknown;
}

const HALF = 'half a character';
/** No key of any message may have such a value. */
const NEVER = { null: null, 'an object': {}, 'lists in a list': [[[]]], [HALF]: '\ud800' };

/** What a message of a kind may be, beyond its form. */
export interface Bounds {
  /** Keys that may be missing. */
  readonly optional: readonly string[];
  /** Keys whose text is for a later reader: whether it is Unicode is not asked here. */
  readonly opaque?: readonly string[];
  readonly maxBytes: number;
  /** What one byte more gets. */
  readonly tooLarge: string;
  /** What stands before a code in `must`. */
  readonly farewell: 'bye' | 'error';
}

/** Every rule of form, broken in an honest message. */
export function badMessagesOf(
  message: HonestMessage,
  { optional, opaque = [], maxBytes, tooLarge, farewell }: Bounds,
): readonly BadMessage[] {
  const { kind, ...rest } = message;
  const text = JSON.stringify(message);
  const keys = Object.keys(rest);
  const rowOf = (name: string, code: string, sent: string | object): BadMessage => {
    const must = `${farewell} ${code}`;
    return { name: `${kind}: ${name}`, must, kind, text: typeof sent === 'string' ? sent : JSON.stringify(sent) };
  };
  const surplus = Object.fromEntries(Array.from({ length: LIMITS.jsonKeys + 1 }, (_, at) => [`k${String(at)}`, at]));
  const lacking = keys
    .filter((key) => !optional.includes(key))
    .map((key) => rowOf(`without ${key}`, 'bad-message', { ...message, [key]: undefined }));
  const wrong = keys.flatMap((key) =>
    Object.entries(NEVER)
      .filter(([name]) => name !== HALF || !opaque.includes(key))
      .map(([name, value]) => rowOf(`${key} is ${name}`, 'bad-message', { ...message, [key]: value })),
  );
  const added = ['__proto__', 'constructor', 'unknown'].map((key) =>
    rowOf(`${key} as a key`, 'bad-message', text.replace(/^\{/, `{"${key}":1,`)),
  );
  return [
    ...lacking,
    ...wrong,
    ...added,
    rowOf('kind twice', 'bad-json', text.replace(/^\{/, `{"kind":"${kind}",`)),
    rowOf('kind with an escape', 'bad-json', text.replace('"kind"', '"\\u006bind"')),
    rowOf('kind in capitals', 'bad-message', { ...message, kind: kind.toUpperCase() }),
    rowOf('nested 17 deep', 'bad-json', { ...message, x: JSON.parse(`${'['.repeat(16)}${']'.repeat(16)}`) as unknown }),
    rowOf('32,000 brackets', 'bad-json', `${text.slice(0, -1)},"x":${'['.repeat(32_000)}`),
    rowOf('too many keys', 'bad-json', { ...message, ...surplus }),
    rowOf('cut off', 'bad-json', text.slice(0, -1)),
    rowOf('twice in one frame', 'bad-json', text + text),
    { name: `${kind}: one byte too many`, must: tooLarge, kind, text: text.padEnd(maxBytes + 1, ' ') },
    rowOf('in a list', 'bad-message', `[${text}]`),
  ];
}
