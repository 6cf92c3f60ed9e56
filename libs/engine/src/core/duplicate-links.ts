/** A link as far as this choice goes. */
interface Contender {
  /** Whether we dialled. */
  readonly isOutgoing: boolean;
}

/**
 * Whether a link that said hello just now takes the place of one to the same peer that stands. Of two that crossed, both
 * sides keep the one that the smaller peer id dialled. Of two that one side dialled the newer one stays, because the older
 * is most likely dead; except where that side dials several addresses of one peer, of which the first that answers wins.
 */
export function takesThePlace(
  newer: Contender & { readonly isOneOfSeveral: boolean },
  older: Contender,
  isOurIdSmaller: boolean,
): boolean {
  if (newer.isOutgoing === older.isOutgoing) return !newer.isOneOfSeveral;
  return newer.isOutgoing === isOurIdSmaller;
}
