import { reportError } from '@shoal/protocol';
import type { Frame } from './frame.ts';
import { safeJson, safeText } from './safe-text.ts';
import type { Screen } from './screen.ts';

/** How one command wants to be heard. */
export interface OutputOptions {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** What one command says: a result for whoever called it, notes and progress for the person who watches. */
export class Output {
  readonly #screen: Screen;
  readonly #isJson: boolean;
  readonly #isQuiet: boolean;

  constructor(screen: Screen, { json = false, quiet = false }: OutputOptions) {
    this.#screen = screen;
    this.#isJson = json;
    this.#isQuiet = quiet;
  }

  /** Whether live lines are worth drawing. */
  get isLive(): boolean {
    return this.#screen.isLive && !this.#isQuiet;
  }

  /** What live lines have to fit into. */
  get liveFrame(): Frame {
    return this.#screen.liveFrame;
  }

  /** What notes have to fit into. */
  get noteFrame(): Frame {
    return this.#screen.noteFrame;
  }

  /** Writes the result to stdout: as JSON when that was asked for, else as drawn. */
  result<T>(value: T, draw: (value: T, frame: Frame) => string): void {
    const text = this.#isJson ? safeJson(value) : draw(value, this.#screen.dataFrame);
    if (text !== '') this.#screen.data(text);
  }

  /** Tells the person something; the text has to be safe already. */
  note(text: string): void {
    if (!this.#isQuiet) this.#screen.note(text);
  }

  /** Replaces this source's live lines. */
  live(source: string, lines: readonly string[]): void {
    if (!this.#isQuiet) this.#screen.setLive(source, lines);
  }

  /**
   * Says what went wrong and what to do next, on stderr; never with a stack unless it is asked for.
   * @param isDebug whether the stack and the causes are shown as well
   */
  error(error: unknown, isDebug: boolean): void {
    const report = reportError(error);
    if (this.#isJson) this.#screen.note(safeJson({ error: report }));
    else {
      const { colours } = this.#screen.noteFrame;
      const what = `${safeText(report.message)} ${colours.dim(`(${report.code})`)}`;
      this.#screen.note(`${colours.red('error:')} ${what}\n  ${colours.dim(report.hint)}`);
    }
    if (isDebug) this.#screen.note(drawStack(error));
  }
}

function drawStack(error: unknown): string {
  if (!(error instanceof Error)) return '';
  const stack = (error.stack ?? error.message).split('\n').map(safeText).join('\n');
  const cause = error.cause === undefined ? '' : `\ncaused by ${drawStack(error.cause)}`;
  return stack + cause;
}
