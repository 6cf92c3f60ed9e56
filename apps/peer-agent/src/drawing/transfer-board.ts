import type { Transfer } from '@shoal/protocol';
import type { Output } from './output.ts';
import { drawNews, drawTransferLines } from './transfer-lines.ts';

/** Live lines at once; a prompt has to stay in sight below them. */
const MOST_LINES = 5;
/** A share finds its peers within this; only then is it worth saying that nobody has it. */
const PATIENCE_MS = 1_500;
/** Where lines cannot be redrawn, one is written this often while something moves. */
const PLAIN_EVERY_MS = 10_000;

/** Keeps a person informed of shares while they move: live lines where there is a terminal, news everywhere. */
export class TransferBoard {
  readonly #output: Output;
  readonly #isShown: (transfer: Transfer) => boolean;
  readonly #told = new Map<string, Transfer>();
  readonly #waitingSinceMs = new Map<string, number>();
  #plainMs = performance.now();

  /** @param isShown which shares get a live line */
  constructor(output: Output, isShown: (transfer: Transfer) => boolean) {
    this.#output = output;
    this.#isShown = isShown;
  }

  /** From now on a share that has just been asked for is followed, and whatever becomes of it is news. */
  begin(transfer: Transfer): void {
    this.#told.set(transfer.infoHash, { ...transfer, state: 'checking' });
  }

  /** The person knows already how a share stands: only what changes from here is news. */
  know(transfer: Transfer): void {
    this.#told.set(transfer.infoHash, transfer);
  }

  /** The state of all shares now. Called several times a second. */
  update(transfers: readonly Transfer[], nowMs = performance.now()): void {
    const settled = transfers.filter((transfer) => this.#isSettled(transfer, nowMs));
    const news = new Set(settled.flatMap((transfer) => this.#newsOf(transfer)));
    for (const line of news) this.#output.note(line);
    this.#drawLines(settled.filter(this.#isShown), nowMs);
  }

  /** Takes the lines away. */
  end(): void {
    this.#output.live('transfers', []);
  }

  #isSettled({ infoHash, state }: Transfer, nowMs: number): boolean {
    if (state !== 'waiting') {
      this.#waitingSinceMs.delete(infoHash);
      return true;
    }
    const sinceMs = this.#waitingSinceMs.get(infoHash) ?? nowMs;
    this.#waitingSinceMs.set(infoHash, sinceMs);
    return nowMs - sinceMs >= PATIENCE_MS;
  }

  #newsOf(transfer: Transfer): string[] {
    const before = this.#told.get(transfer.infoHash);
    this.#told.set(transfer.infoHash, transfer);
    const { isLive, noteFrame } = this.#output;
    return drawNews(before, transfer, { ...noteFrame, isLive });
  }

  #drawLines(transfers: readonly Transfer[], nowMs: number): void {
    const { isLive, liveFrame, noteFrame } = this.#output;
    if (isLive) {
      const lines = drawTransferLines(transfers.slice(0, MOST_LINES), liveFrame);
      const more = transfers.length - lines.length;
      this.#output.live('transfers', more > 0 ? [...lines, `… and ${String(more)} more`] : lines);
      return;
    }
    if (nowMs - this.#plainMs < PLAIN_EVERY_MS) return;
    this.#plainMs = nowMs;
    const moving = transfers.filter(({ state }) => state === 'downloading');
    for (const line of drawTransferLines(moving, noteFrame)) this.#output.note(line);
  }
}
