/** What a download is doing, in words; what strangers wrote is made visible. */
import { toVisible, type ShoalError } from '@shoal/protocol';
import type { DownloadState, Phase } from './file-download.ts';

const UNITS = ['KiB', 'MiB', 'GiB', 'TiB'] as const;

/** A size for people: `14 bytes`, `1.5 MiB`. */
export function sizeText(bytes: number): string {
  if (bytes < 1024) return bytes === 1 ? '1 byte' : `${bytes} bytes`;
  const power = Math.min(UNITS.length, Math.floor(Math.log2(bytes) / 10));
  const value = bytes / 1024 ** power;
  return `${value.toFixed(value < 10 ? 1 : 0)} ${UNITS[power - 1] ?? ''}`;
}

/** The path of a file in its share. */
export function pathText(path: readonly string[]): string {
  return toVisible(path.join('/'));
}

const PHASES: Readonly<Record<Phase, string>> = {
  linking: 'Looking for an agent that has it and takes links from this page',
  waiting: 'Waiting: none of the linked agents has what is lacking',
  fetching: 'Downloading; each piece is verified',
  checking: 'Checking the whole file',
  done: 'Done and verified',
  cancelled: 'Cancelled',
  failed: 'Failed',
};

/** What it is doing, without figures: said again only when it changes. */
export function phaseText({ phase }: DownloadState): string {
  return PHASES[phase];
}

/** How far it is, how fast, and from whom. */
export function progressText({ phase, length, verifiedBytes, bytesPerSecond, sources }: DownloadState): string {
  const size = `${sizeText(verifiedBytes)} of ${sizeText(length)}`;
  const rate = phase === 'fetching' && bytesPerSecond > 0 ? `, ${sizeText(Math.round(bytesPerSecond))}/s` : '';
  return `${size}${rate}${sourcesText(sources)}`;
}

const NAMED_SOURCES = 3;

function sourcesText(sources: DownloadState['sources']): string {
  if (sources.length === 0) return '';
  const named = sources.slice(0, NAMED_SOURCES).map(({ name }) => toVisible(name));
  const others = sources.length - named.length;
  return `, from ${[...named, ...(others === 0 ? [] : [`${others} more`])].join(', ')}`;
}

/** Why something did not work. */
export function problemText({ message }: ShoalError): string {
  const text = toVisible(message);
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

/** From 0 to 100. */
export function percentOf({ length, verifiedBytes, checkedBytes, phase }: DownloadState): number {
  if (phase === 'done') return 100;
  const bytes = phase === 'checking' ? checkedBytes : verifiedBytes;
  return length === 0 ? 0 : Math.floor((100 * bytes) / length);
}
