/** Everything that the page knows. What arrives goes in, another picture comes out; nothing here knows how it is drawn. */
import type { FleetNews, FleetState } from '@shoal/client/fleet';
import type { FromFleet, View } from '@shoal/protocol';
import { historyOf, withRate, type RateHistory } from './rate-history.ts';
import { changeMembers, openShare, receivedTogether, sentTogether, type SharePicture } from './share-picture.ts';

/** The overview as it was told last. */
export type Overview = Omit<Extract<FromFleet, { kind: 'overview' }>, 'kind' | 'throughput'> & {
  readonly history: RateHistory;
};

/** A machine as it was told last. */
export type MachinePicture = Omit<Extract<FromFleet, { kind: 'machine' }>, 'kind'> & {
  /** What it receives and sends over all its shares. */
  readonly received: RateHistory;
  readonly sent: RateHistory;
};

export interface FleetPicture {
  readonly view: View;
  readonly connection: FleetState;
  /** Of the tracker; undefined before the first welcome. */
  readonly version: string | undefined;
  /** The tracker was updated since the page was loaded. */
  readonly isOutdated: boolean;
  readonly overview: Overview | undefined;
  readonly share: SharePicture | undefined;
  readonly machine: MachinePicture | undefined;
  /** What the page looks at is not there, or no longer. */
  readonly isMissing: boolean;
}

/** A page that looks somewhere and knows nothing yet. */
export function emptyPicture(view: View): FleetPicture {
  return {
    view,
    connection: { kind: 'connecting' },
    version: undefined,
    isOutdated: false,
    overview: undefined,
    share: undefined,
    machine: undefined,
    isMissing: false,
  };
}

/** Looks elsewhere. The overview stays known, so that the way back is short; a share or machine stays only if it is the same. */
export function turnTo(picture: FleetPicture, view: View): FleetPicture {
  const isSameShare = view.at === 'share' && picture.share?.facts.infoHash === view.infoHash;
  const isSameMachine = view.at === 'machine' && picture.machine?.machine.peerId === view.peerId;
  return {
    ...picture,
    view,
    share: isSameShare ? picture.share : undefined,
    machine: isSameMachine ? picture.machine : undefined,
    isMissing: false,
  };
}

/** The connection stands differently. */
export function connect(picture: FleetPicture, connection: FleetState): FleetPicture {
  return { ...picture, connection };
}

/** The picture after a message. What belongs to another view than the present one is late, and passed over. */
export function hear(picture: FleetPicture, message: FleetNews, nowMs: number): FleetPicture {
  switch (message.kind) {
    case 'welcome':
      return welcome(picture, message.version);
    case 'overview':
      return hearOverview(picture, message, nowMs);
    case 'share':
    case 'members':
      return hearShare(picture, message, nowMs);
    case 'machine':
      return hearMachine(picture, message, nowMs);
    case 'missing':
      return { ...picture, isMissing: picture.view.at !== 'overview' };
    case 'error':
      // The connection tells it when it ends.
      return picture;
  }
}

function welcome(picture: FleetPicture, version: string): FleetPicture {
  const isOutdated = picture.isOutdated || (picture.version !== undefined && picture.version !== version);
  return { ...picture, version, isOutdated };
}

function hearOverview(
  picture: FleetPicture,
  message: Extract<FromFleet, { kind: 'overview' }>,
  nowMs: number,
): FleetPicture {
  const { kind: _kind, throughput, ...rest } = message;
  return { ...picture, overview: { ...rest, history: historyOf(throughput, nowMs) } };
}

function hearShare(
  picture: FleetPicture,
  message: Extract<FromFleet, { kind: 'share' | 'members' }>,
  nowMs: number,
): FleetPicture {
  const { view, share } = picture;
  if (view.at !== 'share' || view.infoHash !== message.infoHash) return picture;
  if (message.kind === 'members') {
    return share === undefined ? picture : { ...picture, share: changeMembers(share, message, nowMs) };
  }
  const { kind: _kind, ...facts } = message;
  return { ...picture, share: openShare(facts, share), isMissing: false };
}

function hearMachine(
  picture: FleetPicture,
  message: Extract<FromFleet, { kind: 'machine' }>,
  nowMs: number,
): FleetPicture {
  const { view } = picture;
  if (view.at !== 'machine' || view.peerId !== message.machine.peerId) return picture;
  const { kind: _kind, ...rest } = message;
  const { received = [], sent = [] } = picture.machine ?? {};
  const machine = {
    ...rest,
    received: withRate(received, receivedTogether(message.holdings), nowMs),
    sent: withRate(sent, sentTogether(message.holdings), nowMs),
  };
  return { ...picture, machine, isMissing: false };
}
