/** Where the prompt's lines come from: a person at a terminal, with editing and completion, or a plain stream. */
import { on } from 'node:events';
import { createInterface, type Interface } from 'node:readline';
import type { Screen } from '../drawing/screen.ts';

/** Lines to run, one after the other. */
export interface LineSource {
  readonly lines: AsyncIterable<string>;
  close(): void;
}

/** What a terminal needs. */
export interface TerminalOptions {
  readonly stdin: NodeJS.ReadableStream;
  readonly stdout: NodeJS.WritableStream;
  readonly screen: Screen;
  /** The last line first. */
  readonly history: string[];
  readonly complete: (line: string) => [string[], string];
  /** The person pressed Ctrl-C; returns whether that ended something, else it ends the prompt. */
  readonly onInterrupt: () => boolean;
}

/** Lines as they are, without a prompt. */
export function openPlainLines(stdin: NodeJS.ReadableStream, signal: AbortSignal): LineSource {
  const reader = createInterface({ input: stdin, terminal: false });
  return {
    lines: linesOf(reader, signal),
    close: () => {
      reader.close();
    },
  };
}

/** Lines that a person types below the live lines of the screen. */
export function openTerminal(options: TerminalOptions, signal: AbortSignal): LineSource {
  const { stdin, stdout, screen, history, complete, onInterrupt } = options;
  const prompt = `${screen.dataFrame.colours.cyan('shoal>')} `;
  const reader = createInterface({
    input: stdin,
    output: stdout,
    terminal: true,
    prompt,
    history,
    historySize: history.length + 1_000,
    removeHistoryDuplicates: true,
    completer: complete,
  });
  reader.on('line', (line) => {
    screen.takeTyped(prompt + line);
  });
  reader.on('SIGINT', () => {
    if (reader.line !== '') {
      // Readline has no other way to empty its line and stay where it is.
      reader.write(null, { ctrl: true, name: 'e' });
      reader.write(null, { ctrl: true, name: 'u' });
    } else if (!onInterrupt()) reader.close();
  });
  screen.attachPrompt(reader);
  return {
    lines: echoed(linesOf(reader, signal), (line) => {
      screen.data(prompt + line);
    }),
    close: () => {
      screen.detachPrompt();
      reader.close();
    },
  };
}

/** Shows each line when its turn comes, so that what was typed ahead stands above what it gives. */
async function* echoed(lines: AsyncIterable<string>, show: (line: string) => void): AsyncGenerator<string> {
  for await (const line of lines) {
    show(line);
    yield line;
  }
}

/** The lines until the end of the input or the signal. */
async function* linesOf(reader: Interface, signal: AbortSignal): AsyncGenerator<string> {
  const closeOnAbort = (): void => {
    reader.close();
  };
  signal.addEventListener('abort', closeOnAbort);
  try {
    for await (const [line] of on(reader, 'line', { close: ['close'] })) yield String(line);
  } finally {
    signal.removeEventListener('abort', closeOnAbort);
  }
}
