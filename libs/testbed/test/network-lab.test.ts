import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { NetworkLab, type NetworkNamespace } from '../src/network-lab.ts';
import { Sandbox } from '../src/sandbox.ts';

const HOST = '192.0.2.1';
const BYTES = 500_000;
const BITS_PER_SECOND = 8_000_000;
/** What both ends of a limited line let through at once. */
const BURST_BYTES = 64 * 1024;

/** Takes one connection, and prints what came and how long it took from the first byte to the last. */
const RECEIVER = `
  require('node:net').createServer((socket) => {
    let [bytes, since] = [0, 0];
    socket.on('data', (data) => {
      since ||= performance.now();
      bytes += data.length;
    });
    socket.on('end', () => console.log('got ' + bytes + ' in ' + (performance.now() - since)));
  }).listen(7000, '${HOST}', () => console.log('listening'));`;
const SENDER = `require('node:net').connect(7000, '${HOST}').end(Buffer.alloc(${BYTES}))`;

const whyNot = await NetworkLab.whyNot({ up: BITS_PER_SECOND });
const title = `a line of a network lab${whyNot === undefined ? '' : ` (skipped: ${whyNot})`}`;
describe.skipIf(whyNot !== undefined)(title, () => {
  let lab: NetworkLab;
  let sandbox: Sandbox;
  let network: NetworkNamespace;
  let receiver: NetworkNamespace;
  beforeEach(async () => {
    lab = new NetworkLab();
    sandbox = await Sandbox.create();
    network = await lab.network('network');
    receiver = await lab.namespace('receiver');
  });
  afterEach(async () => {
    await sandbox.clear();
    await lab.clear();
  });

  /** Sends so many bytes; how long the receiver saw them come, in milliseconds. */
  async function send(sender: NetworkNamespace): Promise<number> {
    const start = (name: string, namespace: NetworkNamespace, code: string) => {
      const [file, args] = namespace.launch(process.execPath, ['-e', code]);
      return sandbox.start({ name, file, args, cwd: sandbox.root, env: {} });
    };
    const receiving = start('receiver', receiver, RECEIVER);
    await receiving.printed(/listening/);
    await start('sender', sender, SENDER).succeeded();
    const [, bytes, milliseconds] = await receiving.printed(/got (\d+) in ([\d.]+)/);
    expect(Number(bytes)).toBe(BYTES);
    return Number(milliseconds);
  }

  it.each([
    ['up', { up: BITS_PER_SECOND }, {}],
    ['down', {}, { down: BITS_PER_SECOND }],
  ])('carries no more %s than it may, and counts what it carried', async (_way, senderRates, receiverRates) => {
    const sender = await lab.namespace('sender');
    await sender.join(network, '192.0.2.2/24', senderRates);
    await receiver.join(network, `${HOST}/24`, receiverRates);
    const milliseconds = await send(sender);
    expect(milliseconds).toBeGreaterThan((1_000 * 8 * (BYTES - BURST_BYTES)) / BITS_PER_SECOND);
    const [sent, received] = [await sender.lineBytes(), await receiver.lineBytes()];
    expect(sent.sent).toBeGreaterThan(BYTES);
    expect(received.received).toBeGreaterThan(BYTES);
    expect(sent.received).toBeLessThan(BYTES / 2);
    expect(received.sent).toBeLessThan(BYTES / 2);
  });
});
