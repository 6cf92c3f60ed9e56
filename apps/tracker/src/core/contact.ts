/** Where an agent may be dialled. */
export interface Contact {
  /** Hosts to try, the preferred one first. */
  readonly hosts: readonly string[];
  /** 0 when the agent accepts no links. */
  readonly port: number;
}

const MAPPED_IPV4 = /^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i;
const LOOPBACKS = ['127.0.0.1', '::1'];

/** An address in the form in which it is compared and handed out: an IPv4 address never in IPv6 clothes. */
export function plainAddress(address: string): string {
  return address.replace(MAPPED_IPV4, '');
}

/** Whether a host is this machine as it sees itself. */
export function isLoopback(host: string): boolean {
  return host === '::1' || host.startsWith('127.') || /^(.*\.)?localhost\.?$/i.test(host);
}

/**
 * Where to try an agent: at the host that it advertises, if any, then where its connection came from. An agent on the
 * tracker's own machine may listen on either loopback address, whichever it used to reach us.
 */
export function contactOf(source: string, port: number, advertised: string | undefined): Contact {
  const isAdvertisable = advertised !== undefined && !isLoopback(advertised);
  const sources = isLoopback(source) ? [source, ...LOOPBACKS.filter((address) => address !== source)] : [source];
  return { hosts: isAdvertisable ? [advertised, ...sources] : sources, port };
}

/** Whether two contacts are the same. */
export function isSameContact(one: Contact, other: Contact): boolean {
  return one.port === other.port && one.hosts.join() === other.hosts.join();
}
