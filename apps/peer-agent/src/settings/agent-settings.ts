/** From what was read to what agents and peers are started with, without what cannot be. */
import { isAbsolute, relative, sep } from 'node:path';
import { ShoalError, type PeerAddress } from '@shoal/protocol';
import { realPath } from '../real-path.ts';
import { writtenAs, type Settings } from './effective-settings.ts';
import type { SettingKey } from './setting-values.ts';
import type { AgentSettings, PeerSettings } from './settings.ts';

/**
 * What the daemon is started with.
 * @throws ShoalError `bad-config` when two settings cannot hold together
 */
export function agentSettings(settings: Settings): AgentSettings {
  const { home, tracker, host, port, share, mirror, downloads, logLevel, logFormat } = settings.values;
  refuseWithoutTracker(settings);
  refuseFoldersInEachOther(settings);
  const advertise = advertisedAddress(settings);
  return {
    home,
    ...(tracker === undefined ? {} : { tracker }),
    peer: {
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(advertise === undefined ? {} : { advertise }),
      ...always(settings),
    },
    share,
    mirror,
    downloads,
    log: { level: logLevel, format: logFormat },
  };
}

/**
 * What a peer is started with that lives as long as a command: where it listens is for that command alone to say, since
 * the address that is set for every run is the daemon's.
 */
export function peerSettings(settings: Settings): PeerSettings {
  const { host, port } = settings.values;
  return {
    ...(host === undefined || !isFlag(settings, 'host') ? {} : { host }),
    ...(port === undefined || !isFlag(settings, 'port') ? {} : { port }),
    ...always(settings),
  };
}

const OF_A_PEER = ['host', 'port', 'uploadLimit', 'downloadLimit'] as const;

/** The flags of a peer that were given for this run, as they were written. */
export function peerFlags(settings: Settings): readonly string[] {
  return OF_A_PEER.filter((key) => isFlag(settings, key)).map((key) => writtenAs(key, settings.sourceOf(key)));
}

function isFlag(settings: Settings, key: SettingKey): boolean {
  return settings.sourceOf(key).kind === 'flag';
}

/** What holds for every peer, wherever it was set. */
function always({ values: { name, pageOrigin, uploadLimit, downloadLimit } }: Settings): PeerSettings {
  return {
    ...(name === undefined ? {} : { name }),
    ...(pageOrigin.length === 0 ? {} : { pageOrigins: pageOrigin }),
    ...(uploadLimit === undefined ? {} : { uploadLimit }),
    ...(downloadLimit === undefined ? {} : { downloadLimit }),
  };
}

/** Others need one port to dial, so it is the advertised one or a fixed one to listen on. */
function advertisedAddress(settings: Settings): PeerAddress | undefined {
  const { advertise, port = 0 } = settings.values;
  if (advertise === undefined) return undefined;
  if (advertise.port !== undefined) return { host: advertise.host, port: advertise.port };
  if (port !== 0) return { host: advertise.host, port };
  throw new ShoalError(
    'bad-config',
    `reading ${written(settings, 'advertise')}: "${advertise.host}" needs a port: write host:port, or set port`,
  );
}

function refuseWithoutTracker(settings: Settings): void {
  if (settings.values.tracker !== undefined) return;
  const needy = (['share', 'mirror'] as const).find((key) => settings.values[key].length > 0);
  if (needy === undefined) return;
  throw new ShoalError('bad-config', `reading ${written(settings, needy)}: it needs a tracker; set --tracker as well`);
}

/** A folder of the agent and what it must be apart from. */
interface Place {
  readonly key: 'home' | 'downloads' | 'share';
  readonly path: string;
}

/**
 * What is shared must not be what is written to, nor be shared twice, nor hold the agent's key, also not over links. A
 * share folder may stand in the home, as on a volume of its own.
 */
function refuseFoldersInEachOther(settings: Settings): void {
  const { home, downloads, share } = settings.values;
  const shares = share.map((path): Place => ({ key: 'share', path: realPath(path) }));
  for (const [index, place] of shares.entries()) {
    const others: Place[] = [{ key: 'downloads', path: realPath(downloads) }, ...shares.slice(index + 1)];
    const other = others.find(({ path }) => isInside(path, place.path) || isInside(place.path, path));
    if (other !== undefined) throw refuseTogether(settings, place, other);
    const homeOf: Place = { key: 'home', path: realPath(home) };
    if (isInside(homeOf.path, place.path)) throw refuseTogether(settings, place, homeOf);
  }
}

function refuseTogether(settings: Settings, place: Place, other: Place): ShoalError {
  const [first, second] = [place, other].map(({ key, path }) => `${written(settings, key)} (${path})`);
  const relation = place.path === other.path ? 'are one folder' : 'lie one in the other';
  return new ShoalError('bad-config', `reading ${String(first)} and ${String(second)}: they ${relation}`);
}

function isInside(path: string, folder: string): boolean {
  const way = relative(folder, path);
  return !isAbsolute(way) && way !== '..' && !way.startsWith(`..${sep}`);
}

function written(settings: Settings, key: SettingKey): string {
  return writtenAs(key, settings.sourceOf(key));
}
