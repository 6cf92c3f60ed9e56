/** Who is told what we want: the words that make a sender, which chooses by itself, choose what we need. */
import { LIMITS } from '@shoal/protocol';
import type { Claims } from './claims.ts';
import type { Clock } from './clock.ts';
import type { Sender } from './sender.ts';

/** A sender from which nothing comes is asked again after so long; as long a promise waits before another may keep it. */
const PATIENCE_MS = 2_000;

/** The receiver's own state, as it is at each moment. */
export interface AskingView {
  readonly senders: ReadonlySet<Sender>;
  readonly lacking: ReadonlySet<number>;
  readonly claims: Claims;
  readonly clock: Pick<Clock, 'now'>;
}

export class Asking {
  readonly #view: AskingView;

  constructor(view: AskingView) {
    this.#view = view;
  }

  /** Says which pieces we want before all others, if it has any that we lack. */
  ask(sender: Sender): void {
    const first = this.#wantedOf(sender);
    if (first.length > 0) this.#interest(sender, first);
  }

  /** Asks again where nothing goes on. */
  tick(): void {
    for (const sender of this.#idle()) this.ask(sender);
    if (this.#view.lacking.size === 0) this.#playEndGame();
  }

  #wantedOf({ has, heldOffers, beginAt }: Sender): number[] {
    const open = [...this.#view.lacking].filter((piece) => has.has(piece) && !heldOffers.has(piece));
    const wanted = open.sort((a, b) => a - b);
    const from = Math.floor(beginAt * wanted.length);
    return [...wanted.slice(from), ...wanted.slice(0, from)].slice(0, LIMITS.listEntries);
  }

  #interest(sender: Sender, first: readonly number[]): void {
    sender.isAsked = true;
    sender.askedMs = this.#view.clock.now();
    sender.link.send({ kind: 'interested', first });
  }

  /** Senders that have nothing to do for us and were not asked a moment ago. */
  #idle(): Sender[] {
    const { senders, claims, clock } = this.#view;
    return [...senders].filter((sender) => {
      const isBusy = sender.heldOffers.size > 0 || claims.ofSender(sender).length > 0;
      return sender.hasBitfield && !isBusy && clock.now() - sender.askedMs > PATIENCE_MS;
    });
  }

  /** Everything is promised, and something waits: who has nothing to do is told that it may offer that as well. */
  #playEndGame(): void {
    const { claims, clock } = this.#view;
    const isWaiting = (sinceMs: number): boolean => clock.now() - sinceMs > PATIENCE_MS;
    const waiting = claims.all().filter(({ piece, sinceMs }) => isWaiting(sinceMs) && claims.of(piece).length === 1);
    for (const sender of this.#idle()) {
      const claim = waiting.find(({ piece }) => sender.has.has(piece));
      if (claim === undefined) continue;
      waiting.splice(waiting.indexOf(claim), 1);
      sender.link.send({ kind: 'expect', add: [], drop: [claim.piece] });
      this.#interest(sender, [claim.piece]);
    }
  }
}
