import { Writable } from 'node:stream';
import type { AgentApi } from '@shoal/client';
import { createHash } from 'node:crypto';
import { asInfoHash, createMetainfo, sha256Hex, type InfoHash, type Metainfo, type Transfer } from '@shoal/protocol';
import { Screen } from '../src/drawing/screen.ts';
import type { Session } from '../src/session.ts';
import { readSettings, type Settings } from '../src/settings/effective-settings.ts';

export function hashNumber(number: number): InfoHash {
  return asInfoHash(sha256Hex(new Uint8Array([number])))!;
}

export function aTransfer(changes: Partial<Transfer> = {}): Transfer {
  return {
    infoHash: hashNumber(1),
    name: 'photos',
    length: 1000,
    fileCount: 2,
    files: ['a.jpg', 'b.jpg'],
    path: '/data/photos',
    tracker: 'http://localhost:8000',
    state: 'downloading',
    verifiedBytes: 500,
    receivedBytes: 500,
    sentBytes: 0,
    receivedBytesPerSecond: 100,
    sentBytesPerSecond: 0,
    connectedPeers: 3,
    sendingPeers: 2,
    secondsLeft: 5,
    ...changes,
  };
}

/** The metainfo of a share of one file in one piece. */
export function aMetainfo(name = 'hello.txt', content = 'hello', announce = 'http://localhost:8000'): Metainfo {
  const digest = createHash('sha256').update(content).digest();
  return createMetainfo({
    announce,
    name,
    pieceLength: content.length > 262_144 ? 2_097_152 : 262_144,
    files: [{ path: [name], length: content.length, sha256: sha256Hex(Buffer.from(content)) }],
    digests: digest,
  });
}

/** A stream that keeps what is written to it. */
export class Capture extends Writable {
  text = '';

  override _write(chunk: unknown, _encoding: string, done: () => void): void {
    this.text += String(chunk);
    done();
  }
}

/** A screen that is no terminal. */
export function plainScreen(): { screen: Screen; stdout: Capture; stderr: Capture } {
  const stdout = new Capture();
  const stderr = new Capture();
  return { screen: new Screen({ stdout, stderr, env: {} }), stdout, stderr };
}

/** The settings that an environment gives, with a home where nothing is. */
export function settingsOf(env: Readonly<Record<string, string>> = {}): Settings {
  return readSettings({ flags: {}, env: { SHOAL_HOME: '/nowhere', ...env }, folder: '/nowhere' });
}

/** A session of a shell without an agent. */
export function aSession(changes: Partial<Session> = {}): Session {
  return {
    settings: settingsOf(),
    environment: {},
    folder: '/nowhere',
    board: undefined,
    signal: new AbortController().signal,
    existingAgent: () => Promise.resolve(undefined),
    agent: () => Promise.reject(new Error('no agent')),
    atEnd: () => undefined,
    leave: () => undefined,
    ...changes,
  };
}

/** An agent with these answers; what a test does not need refuses. */
export function anAgent(answers: Partial<AgentApi>): AgentApi {
  const refuse = (): Promise<never> => Promise.reject(new Error('not asked for'));
  return {
    status: refuse,
    addShare: refuse,
    addDownload: refuse,
    transfers: refuse,
    metainfo: refuse,
    remove: refuse,
    peers: refuse,
    connect: refuse,
    searchPeers: refuse,
    shutdown: refuse,
    ...answers,
  };
}

/** What a session has to do with this daemon. */
export function sessionWith(agent: AgentApi): Partial<Session> {
  return { existingAgent: () => Promise.resolve(agent), agent: () => Promise.resolve({ api: agent, isOwn: false }) };
}
