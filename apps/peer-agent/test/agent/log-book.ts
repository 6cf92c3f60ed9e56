import type { Log } from '@shoal/engine';

/** One line as it was logged. */
export interface Logged {
  readonly level: keyof Log;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** A log that keeps what it is told. */
export class LogBook implements Log {
  readonly lines: Logged[] = [];

  debug = this.#note('debug');
  info = this.#note('info');
  warn = this.#note('warn');
  error = this.#note('error');

  /** Messages, of one level or of all. */
  messages(level?: keyof Log): string[] {
    return this.lines.filter((line) => level === undefined || line.level === level).map(({ message }) => message);
  }

  /** Codes of the warnings. */
  get warned(): unknown[] {
    return this.lines.filter(({ level }) => level === 'warn').map(({ fields }) => fields.code);
  }

  #note(level: keyof Log) {
    return (fields: object, message: string): void => {
      this.lines.push({ level, message, fields: { ...fields } });
    };
  }
}
