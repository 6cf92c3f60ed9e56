import { createInterface, type Interface } from 'node:readline';
import { PassThrough, Writable } from 'node:stream';
import { Terminal } from '@xterm/headless';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Screen } from '../../src/drawing/screen.ts';

const COLUMNS = 40;
const ROWS = 12;

/** A terminal that somebody looks at: what is written to it, and what then stands on it. */
class Monitor extends Writable {
  readonly isTTY = true;
  readonly columns = COLUMNS;
  readonly rows = ROWS;
  readonly #terminal = new Terminal({ cols: COLUMNS, rows: ROWS, allowProposedApi: true, convertEol: true });

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.#terminal.write(String(chunk), done);
  }

  /** The rows that are not empty, and where the cursor is. */
  async look(): Promise<{ rows: string[]; cursor: [column: number, row: number] }> {
    await new Promise<void>((resolve) => {
      this.write('', () => {
        resolve();
      });
    });
    const { active } = this.#terminal.buffer;
    const rows = Array.from(
      { length: ROWS },
      (_, row) =>
        active
          .getLine(active.baseY + row)
          ?.translateToString(true)
          .trimEnd() ?? '',
    );
    while (rows.at(-1) === '') rows.pop();
    return { rows, cursor: [active.cursorX, active.cursorY] };
  }
}

let monitor: Monitor;
let keyboard: PassThrough;
let screen: Screen;
let reader: Interface | undefined;

beforeEach(() => {
  monitor = new Monitor();
  keyboard = new PassThrough();
  screen = new Screen({ stdout: monitor, stderr: monitor, env: { NO_COLOR: '1' } });
});
afterEach(() => {
  reader?.close();
  reader = undefined;
});

function openPrompt(): void {
  reader = createInterface({ input: keyboard, output: monitor, terminal: true, prompt: 'shoal> ' });
  reader.on('line', (line) => {
    screen.takeTyped(`shoal> ${line}`);
    screen.data(`shoal> ${line}`);
  });
  screen.attachPrompt(reader);
}

/** Pastes a text, or presses one key, and waits until readline has taken it. */
async function type(text: string): Promise<void> {
  keyboard.write(text);
  await new Promise((resolve) => setImmediate(resolve));
}

test('redraws live lines in place', async () => {
  screen.setLive('a', ['10 %']);
  screen.setLive('a', ['20 %']);
  expect((await monitor.look()).rows).toEqual(['20 %']);
});

test('writes a line above the live lines', async () => {
  screen.setLive('a', ['10 %', 'more']);
  screen.note('a note');
  screen.data('a result');
  screen.setLive('a', ['20 %', 'more']);
  expect((await monitor.look()).rows).toEqual(['a note', 'a result', '20 %', 'more']);
});

test('takes live lines away without a trace', async () => {
  screen.note('before');
  screen.setLive('a', ['10 %']);
  screen.setLive('a', []);
  screen.note('after');
  expect((await monitor.look()).rows).toEqual(['before', 'after']);
});

test('leaves what is being typed, and the cursor, where they are', async () => {
  openPrompt();
  await type('downl');
  screen.setLive('a', ['10 %']);
  screen.note('a note');
  screen.setLive('a', ['20 %']);
  expect(await monitor.look()).toEqual({ rows: ['a note', '20 %', 'shoal> downl'], cursor: [12, 2] });
  await type('oad');
  expect((await monitor.look()).rows).toEqual(['a note', '20 %', 'shoal> download']);
});

test('keeps a cursor that stands inside the line', async () => {
  openPrompt();
  await type('abc\u001b[D\u001b[D');
  screen.setLive('a', ['10 %']);
  expect((await monitor.look()).cursor).toEqual([8, 1]);
  await type('X');
  expect((await monitor.look()).rows).toEqual(['10 %', 'shoal> aXbc']);
});

test('keeps a typed line that is longer than the terminal is wide', async () => {
  openPrompt();
  screen.note('first');
  await type('x'.repeat(50));
  screen.setLive('a', ['10 %']);
  screen.setLive('a', ['20 %']);
  screen.note('second');
  expect((await monitor.look()).rows).toEqual(['first', 'second', '20 %', `shoal> ${'x'.repeat(33)}`, 'x'.repeat(17)]);
});

test.each([3, 33, 34, 66, 73])(
  'keeps a finished line of %i characters among the output, above the live lines',
  async (length) => {
    openPrompt();
    screen.setLive('a', ['10 %']);
    for (let typed = 0; typed < length; typed++) await type('x');
    screen.setLive('a', ['20 %']);
    await type('\r');
    screen.note('done');
    const { rows } = await monitor.look();
    const typed = `shoal> ${'x'.repeat(length)}`;
    const wrapped = typed.match(/.{1,40}/g) ?? [];
    expect(rows.filter((row) => row !== '')).toEqual([...wrapped, 'done', '20 %', 'shoal>']);
  },
);

test('leaves no live line behind when the terminal has scrolled', async () => {
  openPrompt();
  for (let line = 0; line < 30; line++) {
    screen.setLive('a', [`${String(line)} %`]);
    screen.note(`note ${String(line)}`);
  }
  const { rows } = await monitor.look();
  expect(rows.slice(-4)).toEqual(['note 28', 'note 29', '29 %', 'shoal>']);
  expect(rows.filter((row) => row.endsWith('%'))).toEqual(['29 %']);
});

test('shows neither prompt nor live lines after the end', async () => {
  openPrompt();
  screen.note('a note');
  screen.setLive('a', ['10 %']);
  screen.detachPrompt();
  expect((await monitor.look()).rows).toEqual(['a note']);
});

test('draws nothing in place where there is no terminal', () => {
  const lines: string[] = [];
  const plain = new Writable({
    write(chunk, _encoding, done) {
      lines.push(String(chunk));
      done();
    },
  });
  const quiet = new Screen({ stdout: plain, stderr: plain, env: {} });
  quiet.setLive('a', ['10 %']);
  quiet.note('a note');
  expect(lines).toEqual(['a note\n']);
});
