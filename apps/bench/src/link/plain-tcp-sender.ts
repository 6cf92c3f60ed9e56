/** `node plain-tcp-sender.js FILE`: sends the file to whoever connects, then ends; prints its port, then its peak memory and its CPU time. */
import { createReadStream } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { pipeline } from 'node:stream/promises';

const [file = ''] = process.argv.slice(2);
const server = createServer((socket) => {
  server.close();
  void pipeline(createReadStream(file, { highWaterMark: 1024 * 1024 }), socket).then(() => {
    const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
    const cpuMs = Math.round((userCPUTime + systemCPUTime) / 1000);
    process.stdout.write(`peak ${maxRSS * 1024} cpu ${cpuMs}\n`);
  });
});
server.listen(0, '127.0.0.1', () => {
  process.stdout.write(`port ${(server.address() as AddressInfo).port}\n`);
});
