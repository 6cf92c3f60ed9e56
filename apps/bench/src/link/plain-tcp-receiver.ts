/**
 * `node plain-tcp-receiver.js PORT FILE [sync]`: receives a file as one TCP stream, writes it, flushes it to the disk when
 * `sync` is asked for, reads it again for its SHA-256, and prints `milliseconds sha256 peak-bytes cpu-milliseconds`.
 */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { pipeline } from 'node:stream/promises';

const [port, path = '', sync] = process.argv.slice(2);
const begin = performance.now();
const target = createWriteStream(path, { flags: 'wx', flush: sync === 'sync', highWaterMark: 1024 * 1024 });
await pipeline(connect(Number(port), '127.0.0.1'), target);
const hash = createHash('sha256');
await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
const took = performance.now() - begin;
const { maxRSS, userCPUTime, systemCPUTime } = process.resourceUsage();
const cpuMs = Math.round((userCPUTime + systemCPUTime) / 1000);
process.stdout.write(`${took.toFixed(0)} ${hash.digest('hex')} ${maxRSS * 1024} ${cpuMs}\n`);
