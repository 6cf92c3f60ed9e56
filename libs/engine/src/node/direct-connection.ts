/**
 * A connection whose blocks the system writes to where they belong. A socket otherwise reads 64 KiB at a time, each into
 * fresh memory, from which the block is then gathered. Node gives the choice only to who dials, which is whoever lacks
 * something, as a rule.
 */
import { connect, type Socket } from 'node:net';
import type { PeerAddress } from '@shoal/protocol';
import { breath } from './breath.ts';
import type { LinkIntake } from './link-intake.ts';

/** What is read when it is not known what comes: little of a block then has to be moved. */
const READ_BYTES = 16 * 1024;

export class DirectConnection {
  readonly socket: Socket;
  readonly #anything = Buffer.allocUnsafeSlow(READ_BYTES);
  #intake: LinkIntake | undefined;

  constructor({ host, port }: PeerAddress) {
    this.socket = connect({
      host,
      port,
      onread: {
        buffer: () => this.#intake?.room ?? this.#anything,
        callback: (count, memory) => this.#onRead(count, memory),
      },
    });
  }

  /** From now on the bytes go to an intake, past the socket's own stream. */
  feed(intake: LinkIntake): void {
    this.#intake = intake;
  }

  #onRead(count: number, memory: Uint8Array): boolean {
    breath.moved(count);
    if (memory !== this.#anything) this.#intake?.wroteToRoom(count);
    else if (this.#intake !== undefined && this.socket.readableLength === 0) {
      this.#intake.take(this.#anything.subarray(0, count));
    } else return this.socket.push(Buffer.from(this.#anything.subarray(0, count)));
    return true;
  }
}
