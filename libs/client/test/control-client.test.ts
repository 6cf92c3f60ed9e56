import { createServer, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CONTROL_TOKEN_HEADER, createMetainfo, encodeMetainfo, sha256Hex, type Transfer } from '@shoal/protocol';
import { afterEach, expect, test } from 'vitest';
import { asInfoHash } from '@shoal/protocol';
import { ControlClient } from '../src/control-client.ts';

const infoHash = asInfoHash(sha256Hex(new Uint8Array([1])))!;
const photos = createMetainfo({
  announce: 'http://localhost:8000',
  name: 'photos',
  pieceLength: 65_536,
  files: [{ path: ['a.jpg'], length: 1, sha256: infoHash }],
  digests: new Uint8Array(32),
});
const transfer: Transfer = {
  infoHash,
  name: 'photos',
  length: 10,
  fileCount: 1,
  files: ['photos'],
  path: '/data/photos',
  tracker: 'http://localhost:8000',
  state: 'seeding',
  verifiedBytes: 10,
  receivedBytes: 0,
  sentBytes: 0,
  receivedBytesPerSecond: 0,
  sentBytesPerSecond: 0,
  connectedPeers: 0,
  sendingPeers: 0,
};

interface Asked {
  readonly method: string | undefined;
  readonly url: string | undefined;
  readonly token: string | string[] | undefined;
  readonly body: string;
}

let server: Server | undefined;

afterEach(async () => {
  server?.closeAllConnections();
  await new Promise((resolve) => (server ?? createServer()).close(resolve));
});

/** An agent that gives one answer to everything, or never answers, and remembers what it was asked. */
async function agentThatAnswers(status: number, body: string | undefined): Promise<{ port: number; asked: Asked[] }> {
  const asked: Asked[] = [];
  server = createServer((request, response) => {
    void readBody(request).then((text) => {
      asked.push({
        method: request.method,
        url: request.url,
        token: request.headers[CONTROL_TOKEN_HEADER],
        body: text,
      });
      if (body !== undefined) response.writeHead(status).end(body);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked };
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) text += String(chunk);
  return text;
}

test('sends the token and the body, and returns the answer', async () => {
  const { port, asked } = await agentThatAnswers(200, JSON.stringify(transfer));
  const client = new ControlClient({ port, token: 'secret' });
  expect(await client.addShare({ metainfo: photos, path: '/data/photos' })).toEqual(transfer);
  const body = JSON.stringify({ document: encodeMetainfo(photos), path: '/data/photos' });
  expect(asked).toEqual([{ method: 'POST', url: '/v1/shares', token: 'secret', body }]);
});

test('writes a query so that any text survives the address', async () => {
  const { port, asked } = await agentThatAnswers(200, '[]');
  await new ControlClient({ port, token: 't' }).searchPeers('a&b=ü /?');
  expect(new URL(asked[0]!.url!, 'http://x').searchParams.get('query')).toBe('a&b=ü /?');
});

test('throws what the agent answered, with its code', async () => {
  const problem = { code: 'target-exists', message: 'writing photos: it exists', hint: 'h' };
  const { port } = await agentThatAnswers(409, JSON.stringify(problem));
  await expect(new ControlClient({ port, token: 't' }).remove(infoHash)).rejects.toMatchObject({
    code: 'target-exists',
    message: 'writing photos: it exists',
  });
});

test('takes an unknown code of a newer agent for an internal error', async () => {
  const { port } = await agentThatAnswers(418, JSON.stringify({ code: 'teapot', message: 'm', hint: 'h' }));
  await expect(new ControlClient({ port, token: 't' }).transfers()).rejects.toMatchObject({ code: 'internal' });
});

test('refuses an answer that is not of the right form', async () => {
  const { port } = await agentThatAnswers(200, '{"hello":1}');
  await expect(new ControlClient({ port, token: 't' }).transfers()).rejects.toMatchObject({ code: 'bad-message' });
});

test('says that nobody listens', async () => {
  const { port } = await agentThatAnswers(200, '[]');
  await new Promise((resolve) => server?.close(resolve));
  await expect(new ControlClient({ port, token: 't' }).transfers()).rejects.toMatchObject({
    code: 'agent-unreachable',
  });
});

test('ends with the reason of the caller who gives up', async () => {
  const { port } = await agentThatAnswers(200, undefined);
  const reason = new Error('enough');
  const controller = new AbortController();
  const asking = new ControlClient({ port, token: 't' }).transfers(controller.signal);
  controller.abort(reason);
  await expect(asking).rejects.toBe(reason);
});
