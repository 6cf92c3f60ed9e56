/** The interactive prompt: a peer of its own, and the command table line by line. */
import { networkInterfaces } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { AgentApi } from '@shoal/client';
import { formatAddress } from '../address.ts';
import { commandsAt, EXIT, type Command, type ExitCode } from '../commands/command.ts';
import { REDRAW_MS } from '../commands/follow.ts';
import { readCommand } from '../commands/read-command.ts';
import { runCommand } from '../commands/run-command.ts';
import { Output } from '../drawing/output.ts';
import type { Screen } from '../drawing/screen.ts';
import { TransferBoard } from '../drawing/transfer-board.ts';
import { drawCount } from '../drawing/units.ts';
import type { Session } from '../session.ts';
import { peerSettings } from '../settings/agent-settings.ts';
import type { PeerSettings } from '../settings/settings.ts';
import { startPeer } from '../shell-session.ts';
import { VERSION } from '../version.ts';
import { splitLine } from './command-line.ts';
import { completeLine, listFolder } from './completion.ts';
import { History } from './history.ts';
import { openPlainLines, openTerminal, type LineSource } from './line-source.ts';

/** What a prompt is made of. */
export interface PromptParts {
  /** The session of the program that the prompt runs in. */
  readonly shell: Session;
  readonly commands: readonly Command[];
  readonly screen: Screen;
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: NodeJS.WritableStream & { readonly isTTY?: boolean };
}

/**
 * Runs a prompt until `exit`, the end of the input or Ctrl-C.
 * @returns at a terminal always ok, else the code of the last command that failed
 */
export async function runPrompt(parts: PromptParts): Promise<ExitCode> {
  const peer = peerSettings(parts.shell.settings);
  const agent = await startPeer(peer);
  parts.shell.atEnd(() => agent.shutdown());
  const prompt = new Prompt(parts, agent);
  prompt.greet(peer, agent.port);
  return prompt.run();
}

class Prompt {
  readonly #parts: PromptParts;
  readonly #agent: AgentApi;
  readonly #output: Output;
  readonly #board: TransferBoard;
  readonly #history: History;
  #running: AbortController | undefined;
  #isLeaving = false;

  constructor(parts: PromptParts, agent: AgentApi) {
    this.#parts = parts;
    this.#agent = agent;
    this.#output = new Output(parts.screen, {});
    this.#board = new TransferBoard(this.#output, ({ state }) => state !== 'seeding' && state !== 'failed');
    this.#history = new History(parts.shell.settings.values.home);
  }

  greet({ host }: PeerSettings, port: number): void {
    const local = formatAddress(host ?? 'localhost', port);
    const others = host === undefined ? lanAddresses().map((address) => formatAddress(address, port)) : [];
    const elsewhere = others.length === 0 ? '' : ` (from other machines ${others.join(', ')})`;
    this.#output.note(`Shoal ${VERSION}. This peer listens at ${local}${elsewhere}.`);
    this.#output.note('Type help for the commands, exit to leave.');
  }

  async run(): Promise<ExitCode> {
    const { stdin, stdout, shell } = this.#parts;
    const isTerminal = stdin.isTTY === true && stdout.isTTY === true;
    const stopTelling = new AbortController();
    const telling = this.#keepTelling(stopTelling.signal);
    const source = isTerminal ? await this.#openTerminal() : openPlainLines(stdin, shell.signal);
    let worst: ExitCode = EXIT.ok;
    try {
      for await (const line of source.lines) {
        const code = await this.#runLine(line, isTerminal);
        if (code !== EXIT.ok) worst = code;
        if (this.#isLeaving || shell.signal.aborted) break;
      }
    } finally {
      stopTelling.abort();
      await telling;
      source.close();
    }
    await this.#noteUnfinished();
    return isTerminal ? EXIT.ok : worst;
  }

  async #openTerminal(): Promise<LineSource> {
    const { stdin, stdout, screen, shell, commands } = this.#parts;
    const completion = { commands: commandsAt('prompt', commands), folder: shell.folder, list: listFolder };
    const options = {
      stdin,
      stdout,
      screen,
      history: await this.#history.load(),
      complete: (line: string) => completeLine(line, completion),
      onInterrupt: () => this.#interrupt(),
    };
    return openTerminal(options, shell.signal);
  }

  /** Stops the command that runs; returns whether one did. */
  #interrupt(): boolean {
    if (this.#running === undefined) return false;
    this.#running.abort();
    return true;
  }

  async #runLine(line: string, isTerminal: boolean): Promise<ExitCode> {
    if (line.trim() === '') return EXIT.ok;
    if (isTerminal) await this.#history.add(line);
    this.#running = new AbortController();
    try {
      const reading = readCommand(splitLine(line), this.#parts.commands, 'prompt');
      if (reading.kind === 'text') {
        this.#parts.screen.data(reading.text);
        return EXIT.ok;
      }
      const output = new Output(this.#parts.screen, reading.input.options);
      return await runCommand(reading, this.#sessionOf(this.#running.signal), output);
    } catch (error) {
      this.#output.error(error, this.#parts.shell.settings.values.debug);
      return EXIT.usage;
    } finally {
      this.#running = undefined;
    }
  }

  #sessionOf(signal: AbortSignal): Session {
    const { shell } = this.#parts;
    return {
      settings: shell.settings,
      environment: shell.environment,
      folder: shell.folder,
      board: this.#board,
      signal: AbortSignal.any([shell.signal, signal]),
      existingAgent: () => Promise.resolve(this.#agent),
      agent: () => Promise.resolve({ api: this.#agent, isOwn: true }),
      atEnd: (action) => {
        shell.atEnd(action);
      },
      leave: () => {
        this.#isLeaving = true;
      },
    };
  }

  /** Downloads go on behind the prompt; this tells how. */
  async #keepTelling(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      this.#board.update(await this.#agent.transfers());
      await sleep(REDRAW_MS, undefined, { signal }).catch(() => undefined);
    }
    this.#board.end();
  }

  async #noteUnfinished(): Promise<void> {
    const transfers = await this.#agent.transfers();
    const unfinished = transfers.filter(({ state }) => state === 'downloading' || state === 'waiting');
    if (unfinished.length === 0) return;
    const what = drawCount(unfinished.length, 'download');
    this.#output.note(`Left ${what} unfinished; the same command goes on from there.`);
  }
}

function lanAddresses(): string[] {
  const addresses = Object.values(networkInterfaces()).flatMap((entries) => entries ?? []);
  return addresses.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
}
