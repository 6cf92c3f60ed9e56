/** What is said of the tracker and of the clock, which its answer tells. */
import { drawSeconds } from '../drawing/units.ts';
import type { TrackerFact, TrackerTrouble } from './facts.ts';
import type { Finding } from './finding.ts';

/** Certificates and logs bear a clock that is wrong by less. */
const MUCH_MS = 60_000;

/** Judges the tracker that is set, if one is, and the clock. */
export function judgeTracker(fact: TrackerFact | undefined): Finding[] {
  if (fact === undefined) {
    const says = 'no tracker is set: each .torrent names its own';
    return [
      { mark: 'warning', about: 'tracker', says, advice: 'set one with --tracker to share folders and to mirror' },
    ];
  }
  return [judgeAnswer(fact), ...judgeClock(fact.clockAheadMs)];
}

function judgeAnswer({ url, trouble, reason = '' }: TrackerFact): Finding {
  if (trouble === undefined) return { mark: 'ok', about: 'tracker', says: `the tracker ${url} answers and is well` };
  const { says, advice } = TROUBLES[trouble];
  return {
    mark: 'problem',
    about: 'tracker',
    says: `the tracker ${url} ${says}${reason === '' ? '' : ` (${reason})`}`,
    advice,
  };
}

const TROUBLES: Readonly<Record<TrackerTrouble, { readonly says: string; readonly advice: string }>> = {
  'unknown-name': { says: 'has a name that nobody knows', advice: 'correct --tracker, or the name service' },
  refused: { says: 'does not run there', advice: 'start it, or correct --tracker' },
  silent: { says: 'does not answer', advice: 'check the network and firewalls on the way, or correct --tracker' },
  certificate: {
    says: 'shows a certificate that is not accepted',
    advice: 'renew it, name its authority in NODE_EXTRA_CA_CERTS, or put the clock right',
  },
  unwell: {
    says: 'does not answer as a tracker that is well',
    advice: 'look at its log and at the proxy before it, or correct --tracker',
  },
};

function judgeClock(aheadMs: number | undefined): Finding[] {
  if (aheadMs === undefined) return [];
  const about = 'clock';
  if (Math.abs(aheadMs) <= MUCH_MS) return [{ mark: 'ok', about, says: 'the clock goes with that of the tracker' }];
  const offset = `${drawSeconds(Math.abs(aheadMs) / 1000)} ${aheadMs > 0 ? 'ahead of' : 'behind'} that of the tracker`;
  const says = `the clock is ${offset}: certificates may be refused, and logs do not fit together`;
  return [{ mark: 'problem', about, says, advice: 'set the clock of this machine or of the tracker’s, best by NTP' }];
}
