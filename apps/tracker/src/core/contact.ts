import { isLoopback, networkOf, type PeerAddress } from '@shoal/protocol';

/** What an agent says of where it is, and what its connection shows. */
export interface Contact {
  /** Where its connection comes from. */
  readonly source: string;
  /** Whether that is the tracker's own machine. */
  readonly isLocal: boolean;
  /** The network of `source`; undefined when that is no address. */
  readonly sourceNetwork: string | undefined;
  /** Under which address it reached the tracker; undefined when something stands between that is not to be dialled. */
  readonly trackerHost: string | undefined;
  /** Where it says that it accepts links; 0 when it accepts none. */
  readonly port: number;
  /** Where to try it, the preferred address first; none when it accepts no links. */
  readonly addresses: readonly PeerAddress[];
  /** The address that it advertises, if any. */
  readonly advertised: PeerAddress | undefined;
  /** Addresses of its interfaces, and the network that each is in. */
  readonly localNetworks: ReadonlyMap<string, string | undefined>;
}

/** What an agent says of itself; HTTP announces know no local hosts. */
export interface Claim {
  readonly port: number;
  readonly advertised?: PeerAddress | undefined;
  readonly localHosts?: readonly string[] | undefined;
}

const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const LOOPBACKS = ['127.0.0.1', '::1'];
/** Of nearly all agents that announce by HTTP. */
const NO_NETWORKS: ReadonlyMap<string, string | undefined> = new Map();

/** An address in the form in which it is compared and handed out: an IPv4 address never in IPv6 clothes. */
export function plainAddress(address: string): string {
  return address.includes(':') ? address.replace(MAPPED_IPV4, '') : address;
}

/**
 * Where to try an agent: at the address that it advertises, if any, then where its connection came from. An agent on the
 * tracker's own machine may listen on either loopback address, whichever it used to reach us.
 */
export function contactOf(source: string, { port, advertised, localHosts = [] }: Claim, trackerHost?: string): Contact {
  const isAdvertisable = advertised !== undefined && !isLoopback(advertised.host);
  const isLocal = isLoopback(source);
  const sources = isLocal ? [source, ...LOOPBACKS.filter((address) => address !== source)] : [source];
  const addresses = [...(isAdvertisable ? [advertised] : []), ...sources.map((host) => ({ host, port }))];
  return {
    source,
    isLocal,
    sourceNetwork: networkOf(source),
    trackerHost,
    port,
    addresses: port === 0 ? [] : addresses,
    advertised,
    localNetworks: localHosts.length === 0 ? NO_NETWORKS : new Map(localHosts.map((host) => [host, networkOf(host)])),
  };
}

/** The contact that is known already, when an announce by HTTP says the same as the last one; else a new one. */
export function renewedContact(known: Contact, source: string, claim: Claim): Contact {
  const isSame =
    known.source === source &&
    known.port === claim.port &&
    known.advertised === undefined &&
    claim.advertised === undefined &&
    known.trackerHost === undefined &&
    known.localNetworks.size === 0;
  return isSame ? known : contactOf(source, claim);
}

/** Whether two contacts are the same. */
export function isSameContact(one: Contact, other: Contact): boolean {
  if (one === other) return true;
  return (
    one.source === other.source &&
    one.trackerHost === other.trackerHost &&
    one.port === other.port &&
    [...one.localNetworks.keys()].join() === [...other.localNetworks.keys()].join() &&
    one.addresses.map(addressText).join() === other.addresses.map(addressText).join()
  );
}

/** An address as text to compare. */
export function addressText({ host, port }: PeerAddress): string {
  return `${host} ${String(port)}`;
}
