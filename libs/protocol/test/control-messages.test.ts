import { describe, expect, it } from 'vitest';
import {
  addDownloadSchema,
  addShareSchema,
  agentStatusSchema,
  connectSchema,
  CONTROL_TOKEN_HEADER,
  peerHitSchema,
  peerReportSchema,
  transferSchema,
} from '../src/control-messages.ts';
import { ERRORS } from '../src/errors.ts';

const HEX = 'ab'.repeat(32);
const problem = { code: 'disk-full', message: 'writing a.txt', hint: ERRORS['disk-full'] };
const transfer = {
  ...{ infoHash: HEX, name: 'photos', length: 31, fileCount: 1, files: ['a.txt'], path: '/srv/photos' },
  ...{ tracker: 'http://localhost:8000', state: 'downloading', verifiedBytes: 0, receivedBytes: 0, sentBytes: 0 },
  ...{ receivedBytesPerSecond: 0.5, sentBytesPerSecond: 0, connectedPeers: 1, sendingPeers: 1 },
};
const status = {
  ...{ peerId: HEX, version: '0.1.0', port: 6881, transfers: [transfer] },
  trackers: [{ url: 'http://localhost:8000', isConnected: false, problem, reachability: 'unknown' }],
};
const report = { host: 'localhost', isConnected: false, swarms: 0, receivedBytes: 0, sentBytes: 0 };

describe('bodies of the control API', () => {
  it.each([
    ['a transfer', transferSchema, transfer],
    ['a transfer with an end in sight', transferSchema, { ...transfer, secondsLeft: 62, state: 'downloading' }],
    [
      'a transfer that waits for pieces',
      transferSchema,
      {
        ...transfer,
        state: 'waiting',
        nobodyHas: {
          count: 3,
          ranges: [
            [7, 8],
            [11, 11],
          ],
        },
      },
    ],
    ['a transfer that failed', transferSchema, { ...transfer, state: 'failed', problem }],
    ['a status', agentStatusSchema, status],
    ['a share', addShareSchema, { document: '{}', path: '/srv/photos' }],
    ['a download', addDownloadSchema, { document: '{}', folder: '/srv' }],
    ['a download with a tracker', addDownloadSchema, { document: '{}', folder: '/srv', tracker: 'localhost:8000' }],
    ['an address', connectSchema, { host: '::1', port: 6881 }],
    ['a known peer', peerReportSchema, report],
    ['a linked peer', peerReportSchema, { ...report, port: 6881, peerId: HEX, agent: 'shoal', isConnected: true }],
    ['a hit', peerHitSchema, { peer: '192.0.2.7:6881', infoHash: HEX, name: 'a', length: 1, files: ['a'] }],
  ])('take %s, and nothing more', (_, schema, body) => {
    expect(schema.parse(body)).toEqual(body);
    expect(schema.safeParse({ ...body, unknown: 1 }).success).toBe(false);
  });

  it.each([
    ['an unknown state', transferSchema, { ...transfer, state: 'paused' }],
    ['a negative count', transferSchema, { ...transfer, verifiedBytes: -1 }],
    ['eleven files', transferSchema, { ...transfer, files: Array(11).fill('a') }],
    ['an agent that listens nowhere', agentStatusSchema, { ...status, port: 0 }],
    ['a path of more than 4,096 characters', addShareSchema, { document: '', path: 'x'.repeat(4_097) }],
    ['a host with a path', connectSchema, { host: 'localhost/a', port: 6881 }],
  ])('refuse %s', (_, schema, body) => {
    expect(schema.safeParse(body).success).toBe(false);
  });

  it('are asked for with the token in a header', () => {
    expect(CONTROL_TOKEN_HEADER).toBe('x-shoal-token');
  });
});
