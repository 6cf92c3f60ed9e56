import { isLoopback, isPrivate, LIMITS, type PeerAddress } from '@shoal/protocol';

/** A peer that another may want to know. */
interface Acquaintance {
  /** Where it accepts links, if it said so; port 0 when it accepts none. */
  readonly remote: { readonly address: PeerAddress } | undefined;
}

/**
 * The addresses of our peers that we tell another peer: those that mean the same to it as to us. Addresses of private
 * networks go to nobody outside, and loopback addresses to nobody on another machine.
 * @param receiver where the other peer's link comes from
 */
export function peerHints(peers: readonly Acquaintance[], receiver: string): readonly PeerAddress[] {
  return peers
    .flatMap(({ remote }) => remote?.address ?? [])
    .filter(({ host, port }) => port !== 0 && meansTheSame(host, receiver))
    .slice(-LIMITS.handOutPeers);
}

function meansTheSame(host: string, receiver: string): boolean {
  if (isLoopback(receiver)) return true;
  return !isLoopback(host) && (!isPrivate(host) || isPrivate(receiver));
}
