/**
 * The one place that writes to the terminal: data to stdout, all else to stderr, and between them a few live lines that
 * are redrawn in place, above the prompt where there is one. Whoever writes a line while bars are shown gets it above
 * them, and what a person has typed so far stays where it is.
 */
import { clearScreenDown, cursorTo, moveCursor, type Interface } from 'node:readline';
import { frameOf, type Frame, type OutputStream } from './frame.ts';
import { placeAfter } from './layout.ts';

/** Where a program writes. */
export interface Streams {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly env: Readonly<Record<string, string | undefined>>;
}

export class Screen {
  readonly #streams: Streams;
  readonly #liveLines = new Map<string, readonly string[]>();
  #drawn: readonly string[] = [];
  #prompt: Interface | undefined;

  constructor(streams: Streams) {
    this.#streams = streams;
  }

  /** Whether live lines are shown; elsewhere progress is said in plain lines. */
  get isLive(): boolean {
    return this.#stream.isTTY === true && this.#streams.env.TERM !== 'dumb';
  }

  /** What results have to fit into. */
  get dataFrame(): Frame {
    return frameOf(this.#streams.stdout, this.#streams.env);
  }

  /** What notes have to fit into. */
  get noteFrame(): Frame {
    return frameOf(this.#streams.stderr, this.#streams.env);
  }

  /** What live lines have to fit into. */
  get liveFrame(): Frame {
    return frameOf(this.#stream, this.#streams.env);
  }

  /** Writes lines of results. */
  data(text: string): void {
    this.#write(this.#streams.stdout, text);
  }

  /** Writes lines for the person only. */
  note(text: string): void {
    this.#write(this.#streams.stderr, text);
  }

  /** Replaces the live lines of one source; an empty list takes them away. */
  setLive(source: string, lines: readonly string[]): void {
    if (!this.isLive) return;
    this.#clear();
    if (lines.length === 0) this.#liveLines.delete(source);
    else this.#liveLines.set(source, lines);
    this.#draw();
  }

  /** From now on a prompt stands below the live lines. */
  attachPrompt(prompt: Interface): void {
    this.#clear();
    this.#prompt = prompt;
    this.#draw();
  }

  /** Leaves the last state of the screen as it is, without live lines and prompt. */
  detachPrompt(): void {
    this.#clear();
    this.#liveLines.clear();
    this.#prompt = undefined;
  }

  /**
   * A line was typed and readline went on to the next row: takes it away, and draws an empty prompt where it stood.
   * @param line what stood on the screen, prompt included
   */
  takeTyped(line: string): void {
    if (!this.isLive) return;
    const rows = this.#drawn.reduce((sum, text) => sum + this.#rowsOf(text), this.#rowsOf(line));
    moveCursor(this.#stream, 0, -rows);
    cursorTo(this.#stream, 0);
    clearScreenDown(this.#stream);
    this.#drawn = [];
    this.#draw();
  }

  get #stream(): OutputStream {
    return this.#prompt === undefined ? this.#streams.stderr : this.#streams.stdout;
  }

  #write(stream: OutputStream, text: string): void {
    this.#clear();
    stream.write(`${text}\n`);
    this.#draw();
  }

  #clear(): void {
    if (!this.isLive) return;
    const above = this.#drawn.reduce((sum, line) => sum + this.#rowsOf(line), 0);
    const rows = above + (this.#prompt?.getCursorPos().rows ?? 0);
    if (rows > 0) moveCursor(this.#stream, 0, -rows);
    if (rows > 0 || this.#prompt !== undefined) {
      cursorTo(this.#stream, 0);
      clearScreenDown(this.#stream);
    }
    this.#drawn = [];
  }

  #draw(): void {
    if (!this.isLive) return;
    this.#drawn = [...this.#liveLines.values()].flat();
    if (this.#drawn.length > 0) this.#stream.write(`${this.#drawn.join('\n')}\n`);
    if (this.#prompt !== undefined) this.#drawPrompt(this.#prompt);
  }

  /** As readline draws it, but from where the cursor is now. */
  #drawPrompt(prompt: Interface): void {
    const text = prompt.getPrompt() + prompt.line;
    const end = placeAfter(text, this.liveFrame.columns);
    const cursor = prompt.getCursorPos();
    // At the right edge the terminal goes to the next row only for the next character.
    this.#stream.write(end.columns === 0 ? `${text} ` : text);
    cursorTo(this.#stream, cursor.cols);
    moveCursor(this.#stream, 0, cursor.rows - end.rows);
  }

  #rowsOf(line: string): number {
    return placeAfter(line, this.liveFrame.columns).rows + 1;
  }
}
