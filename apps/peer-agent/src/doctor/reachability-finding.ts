/** What it means for a person whether others get through to the agent. */
import { isLoopback, isPrivate, type PeerAddress } from '@shoal/protocol';
import { formatAddress } from '../address.ts';
import type { PortFact, ReachabilityFact } from './facts.ts';
import type { Finding } from './finding.ts';

const about = 'reachability';

/** Judges whether others reach the agent that listens as `port` says. */
export function judgeReachability(fact: ReachabilityFact, port: PortFact): Finding {
  switch (fact.state) {
    case 'reachable':
      return judgeReachable(fact);
    case 'unreachable':
      return judgeUnreachable(fact, port);
    case 'unknown':
      return {
        mark: 'warning',
        about,
        says: 'the tracker has not told whether others can reach this agent',
        advice: 'ask again in a minute',
      };
    case 'no-session':
      return {
        mark: 'problem',
        about,
        says: `the tracker keeps no session (${fact.reason ?? 'it closed it'}): this agent is found by nobody`,
        advice: 'let the proxy before the tracker pass WebSockets at /v1/session',
      };
  }
}

function judgeReachable({ reachableAt, advertised }: ReachabilityFact): Finding {
  if (reachableAt === undefined) return { mark: 'ok', about, says: 'others can reach this agent' };
  const where = addressOf(reachableAt);
  if (advertised !== undefined && addressOf(advertised) !== where) {
    const says = `others are sent to ${where}: at ${addressOf(advertised)}, as set, the tracker did not reach this agent`;
    return { mark: 'warning', about, says, advice: 'correct --advertise, or open that port' };
  }
  return { mark: 'ok', about, says: `${whoReaches(reachableAt)} can reach this agent at ${where}` };
}

/** What the tracker reached tells about those who stand where it stands. */
function whoReaches({ host }: PeerAddress): string {
  if (isLoopback(host)) return 'agents on this machine, where the tracker runs too,';
  return isPrivate(host) ? 'agents in the tracker’s private network' : 'others';
}

function judgeUnreachable({ observedHost, advertised }: ReachabilityFact, { host, port }: PortFact): Finding {
  const tried = [advertised?.host, observedHost].filter((name) => name !== undefined).join(' and ');
  const at = tried === '' ? '' : ` at ${tried}`;
  const says =
    `others cannot reach this agent${at}: it still downloads and serves by dialling out, ` +
    'but two such agents in different networks cannot meet';
  if (host !== undefined && isLoopback(host)) {
    return { mark: 'warning', about, says, advice: `it listens on ${host} only: take --host away` };
  }
  const open = port === undefined ? 'set --port and open it' : `open port ${String(port)}`;
  const advice = `${open} in the firewall, forward it at the router, and set --advertise where others see another address`;
  return { mark: 'warning', about, says, advice };
}

function addressOf({ host, port }: PeerAddress): string {
  return formatAddress(host, port);
}
