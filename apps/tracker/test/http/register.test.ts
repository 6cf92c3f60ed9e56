import { once } from 'node:events';
import { createServer, request, type ClientRequest, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asInfoHash, LIMITS } from '@shoal/protocol';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RegisterCall } from '../../src/http/register.ts';

const infoHash = asInfoHash('ab'.repeat(32))!;
const calls: ClientRequest[] = [];
/** Registrations that have been read, each with what lets it end. */
let reading: (() => void)[] = [];
/** Calls whose head has arrived, and whom to tell when one has ended. */
let begun = 0;
let whenClosed: (value?: unknown) => void = () => undefined;
let server: Server;
beforeEach(async () => {
  reading = [];
  begun = 0;
  const catalogue = {
    register: () =>
      new Promise<boolean>((resolve) => {
        reading.push(() => {
          resolve(true);
        });
      }),
  };
  const register = new RegisterCall({ catalogue, onDefect: () => undefined });
  server = createServer((call, response) => {
    begun++;
    register.answer(call, response, infoHash);
    response.once('close', () => {
      whenClosed();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  for (const call of calls.splice(0)) call.destroy();
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

/** Begins a call; its body is as long as it says, or stays away. */
function put(bytes: number, body: string | undefined): ClientRequest {
  const { port } = server.address() as AddressInfo;
  const headers = { 'content-type': 'application/json', 'content-length': bytes };
  const call = request({ host: '127.0.0.1', port, method: 'PUT', agent: false, headers });
  call.on('error', () => undefined);
  calls.push(call);
  if (body === undefined) call.flushHeaders();
  else call.end(body);
  return call;
}

async function statusOf(call: ClientRequest): Promise<number | undefined> {
  const [response] = (await once(call, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

describe('registering', () => {
  it('takes 256 small metainfos at once, and tells the next to come later', async () => {
    const admitted = Array.from({ length: 256 }, () => put(2, '{}'));
    await expect.poll(() => reading.length).toBe(256);
    expect(await statusOf(put(2, '{}'))).toBe(503);
    const answered = admitted.map(statusOf);
    for (const end of reading) end();
    expect(new Set(await Promise.all(answered))).toEqual(new Set([201]));
    const next = put(2, '{}');
    await expect.poll(() => reading.length).toBe(257);
    reading.at(-1)?.();
    expect(await statusOf(next)).toBe(201);
  });

  it('takes 32 of the largest at once, whose places are free again when they go away', async () => {
    const large = Array.from({ length: 32 }, () => put(LIMITS.metainfoBytes, undefined));
    await expect.poll(() => begun).toBe(32);
    expect(await statusOf(put(LIMITS.metainfoBytes, undefined))).toBe(503);
    const gone = new Promise((resolve) => (whenClosed = resolve));
    large[0]?.destroy();
    await gone;
    const next = put(2, '{}');
    await expect.poll(() => reading.length).toBe(1);
    reading[0]?.();
    expect(await statusOf(next)).toBe(201);
  });
});
