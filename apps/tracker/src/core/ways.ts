/**
 * Who can dial whom. The tracker knows one thing for certain: where it reached an agent itself. What that means for
 * another agent depends on where that one stands: a private address may lie in a network of the tracker's own, and two
 * agents behind one NAT may not get at each other by its outer address, but perhaps by their inner ones.
 */
import {
  isLoopback,
  isPrivate,
  LIMITS,
  networkOf,
  type HandedPeer,
  type PeerAddress,
  type PeerId,
} from '@shoal/protocol';
import type { Contact } from './contact.ts';

/** Whether one agent gets through to another: what the tracker cannot know is worth an attempt from both sides. */
export type CanDial = 'sure' | 'perhaps' | 'no';

/** Where the tracker reached an agent, and what others need to know of that address. */
export interface Reached {
  readonly address: PeerAddress;
  readonly scope: 'loopback' | 'private' | 'public';
  /** Undefined for a name. */
  readonly network: string | undefined;
}

/** What has to be known of an agent to tell who can dial it, and whom it can. */
export interface Located {
  readonly peerId: PeerId;
  readonly contact: Contact;
  /** Where the tracker reached it; undefined when it did not, or not yet. */
  readonly reached: Reached | undefined;
  /** Whether it is known if its contact is reachable. */
  readonly isSettled: boolean;
}

/** What an address that the tracker reached says about others. */
export function reachedAt(address: PeerAddress): Reached {
  const { host } = address;
  const scope = isLoopback(host) ? 'loopback' : isPrivate(host) ? 'private' : 'public';
  return { address, scope, network: networkOf(host) };
}

/** Whether one agent can open a link to another. */
export function canDial(from: Located, to: Located): CanDial {
  const certainty = canDialWhereReached(from, to);
  if (certainty !== 'no') return certainty;
  return localHostsFor(from, to).length > 0 ? 'perhaps' : 'no';
}

/** A peer as it is handed out to another: each address that is worth an attempt, the one that the tracker reached first. */
export function handedTo(from: Located, to: Located): HandedPeer[] {
  const { peerId, contact } = to;
  const outer = outerAddress(from, to);
  const handed = outer === undefined ? [] : [{ peerId, host: outer.host, port: outer.port }];
  if (canDialWhereReached(from, to) === 'sure') return handed;
  for (const host of localHostsFor(from, to)) handed.push({ peerId, host, port: contact.port });
  return handed;
}

function canDialWhereReached(from: Located, to: Located): CanDial {
  const { reached, contact } = to;
  if (reached === undefined || outerAddress(from, to) === undefined) return 'no';
  // What is on the tracker's own machine sees what the tracker sees.
  if (from.contact.isLocal) return 'sure';
  if (reached.scope === 'loopback' || isBehindOneNat(from, contact)) return 'perhaps';
  const isElsewhere = reached.scope === 'private' && reached.network !== from.contact.sourceNetwork;
  return isElsewhere ? 'perhaps' : 'sure';
}

/**
 * Where the tracker reached an agent, as another one sees that. An agent that was reached by loopback is on the tracker's own
 * machine, so it may be where the other reached the tracker.
 */
function outerAddress(from: Located, { reached }: Located): PeerAddress | undefined {
  const { isLocal, trackerHost } = from.contact;
  if (reached?.scope !== 'loopback' || isLocal) return reached?.address;
  return trackerHost === undefined ? undefined : { host: trackerHost, port: reached.address.port };
}

/** Two that come from one address which is none of the second one's own: not every NAT lets them in from the inside. */
function isBehindOneNat(from: Located, { source, localNetworks }: Contact): boolean {
  return from.contact.source === source && localNetworks.size > 0 && !localNetworks.has(source);
}

/**
 * Inner addresses for an agent that comes from the same address. Those in a network that both are in, or a few of all; never
 * one that the receiver has too, because that would be itself: docker0 has the same address on every machine.
 */
function localHostsFor(from: Located, to: Located): readonly string[] {
  const { source, port, localNetworks } = to.contact;
  if (!to.isSettled || source !== from.contact.source || port === 0) return [];
  const own = from.contact.localNetworks;
  // Both have the address that they come from: they are one machine, which lets itself in where it lets in nobody else.
  if (localNetworks.has(source) && own.has(source)) return [source];
  const ownNetworks = [...own.values()];
  const others = [...localNetworks].filter(([host]) => !own.has(host));
  const near = others.filter(([, network]) => ownNetworks.includes(network));
  return (near.length > 0 ? near : others).slice(0, LIMITS.localHostsHandedOut).map(([host]) => host);
}
