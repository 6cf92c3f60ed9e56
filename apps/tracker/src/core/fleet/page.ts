/** A page that looks at the fleet, as what it is told sees it. */
export interface Page {
  /** Whether it has taken nearly all that it was sent; while it has not, it is passed over. */
  hasRoom(): boolean;
  /** @param message JSON of the protocol */
  send(message: string): void;
}

/** What pages see that look at the same thing. */
export interface View {
  /** A page comes, and is told all of it as soon as that is known. */
  add(page: Page): void;
  remove(page: Page): void;
  /** Whether no page looks. */
  readonly isEmpty: boolean;
  /** Tells the pages what is new. @param isSecond whether what is told once a second is due */
  tell(isSecond: boolean): void;
}
