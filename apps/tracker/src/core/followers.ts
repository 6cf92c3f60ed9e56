import type { Mailbox } from './swarm-registry.ts';

/** Who is told. */
type Follower = Pick<Mailbox, 'send'>;

/**
 * Sessions that wait for what the catalogue has for them: a share that is new, or one that somebody seeds now. They are
 * told that they should look, and not what they would find: most look for a few names among all.
 */
export class Followers {
  readonly #later: (action: () => void) => void;
  readonly #mailboxes = new Set<Follower>();
  #isDue = false;

  /** @param later runs an action after a moment in which more may come */
  constructor(later: (action: () => void) => void) {
    this.#later = later;
  }

  /** From now on the session is told; at once of what may have come before. */
  add(mailbox: Follower): void {
    this.#mailboxes.add(mailbox);
    mailbox.send({ kind: 'listed' });
  }

  remove(mailbox: Follower): void {
    this.#mailboxes.delete(mailbox);
  }

  /** There is something to be found: whatever comes within a moment is told as one. */
  tell(): void {
    if (this.#isDue || this.#mailboxes.size === 0) return;
    this.#isDue = true;
    this.#later(() => {
      this.#isDue = false;
      for (const mailbox of this.#mailboxes) mailbox.send({ kind: 'listed' });
    });
  }
}
