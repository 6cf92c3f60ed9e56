/** How an event of the log reads for people: when, how bad if it is, what, and the few facts that it does not name itself. */
import * as z from 'zod';
import type { Frame } from './frame.ts';
import { safeText } from './safe-text.ts';

const eventSchema = z.looseObject({
  level: z.number(),
  time: z.number(),
  msg: z.string(),
  err: z.looseObject({ message: z.string() }).optional(),
});

const WARN = 40;
const ERROR = 50;
/** Fields that help a person; the others are for programs. */
const FOR_PEOPLE = ['code', 'port', 'home', 'path', 'tracker', 'infoHash', 'peerId'];
/** So many digits tell one id from another. */
const ID_DIGITS = 8;

/**
 * Draws one line of the log.
 * @param json an event as pino writes it
 * @returns a text that is safe to show, with its line end
 */
export function drawLogLine(json: string, colours: Frame['colours']): string {
  const event = eventSchema.parse(JSON.parse(json));
  const time = colours.dim(new Date(event.time).toTimeString().slice(0, 8));
  const facts = factsOf(event);
  const about = facts.length === 0 ? '' : ` ${colours.dim(`(${facts.join(', ')})`)}`;
  return `${time} ${drawLevel(event.level, colours)}${safeText(event.msg)}${about}\n`;
}

function drawLevel(level: number, colours: Frame['colours']): string {
  if (level >= ERROR) return `${colours.red('ERROR')} `;
  return level >= WARN ? `${colours.yellow('WARN')} ` : '';
}

function factsOf(event: z.infer<typeof eventSchema>): string[] {
  const fields = FOR_PEOPLE.flatMap((name) => {
    const value = event[name];
    const text = typeof value === 'string' || typeof value === 'number' ? String(value) : '';
    return text === '' || event.msg.includes(text) ? [] : [`${name} ${safeText(shorten(text))}`];
  });
  const cause = causeBeyond(event.msg, event.err?.message ?? '');
  return cause === '' ? fields : [...fields, safeText(cause)];
}

/** pino puts the messages of an error's causes behind its own, and what we log is often the error's own message. */
function causeBeyond(message: string, whole: string): string {
  const cause = whole.startsWith(message) ? whole.slice(message.length).replace(/^: /, '') : whole;
  return message.includes(cause) ? '' : cause;
}

function shorten(text: string): string {
  return /^[0-9a-f]{64}$/.test(text) ? text.slice(0, ID_DIGITS) : text;
}
