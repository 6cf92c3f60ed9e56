import { join } from 'node:path';
import { Sandbox } from '@shoal/testbed';
import { build } from 'esbuild';
import type { SampleFile } from '../transfer-program.ts';
import type { Contender, Passage } from './contender.ts';

/**
 * The least that a program can do: one TCP stream between two Node processes, written to a file, read again for its
 * SHA-256. With `sync` the file is flushed to the disk before it is read, as Shoal does before it calls a file complete.
 */
export function plainTcp(name: string, sync: 'sync' | 'no sync'): Contender {
  return {
    name,
    version: () => Promise.resolve(`Node ${process.versions.node}`),
    async run(file) {
      const sandbox = await Sandbox.create();
      try {
        return await passOnce(sandbox, file, sync);
      } finally {
        await sandbox.clear();
      }
    },
  };
}

async function passOnce(sandbox: Sandbox, file: SampleFile, sync: string): Promise<Passage> {
  await build({
    entryPoints: ['plain-tcp-sender.ts', 'plain-tcp-receiver.ts'].map((name) => join(import.meta.dirname, name)),
    outdir: sandbox.root,
    outExtension: { '.js': '.mjs' },
    logLevel: 'silent',
  });
  const start = (side: string, ...args: string[]) =>
    sandbox.start({
      name: `plain TCP ${side}`,
      file: process.execPath,
      args: [`plain-tcp-${side}.mjs`, ...args],
      cwd: sandbox.root,
      env: {},
    });
  const sender = start('sender', file.path);
  const [, port = ''] = await sender.printed(/port (\d+)/);
  const receiver = await start('receiver', port, 'copy', sync).succeeded();
  const [milliseconds = '', sha256, receiverPeak, receiverCpu] = receiver.stdout.trim().split(' ');
  if (sha256 !== file.sha256) throw new Error(`plain TCP delivered another file: ${receiver.stdout}`);
  const [, senderPeak, senderCpu] = await sender.printed(/peak (\d+) cpu (\d+)/);
  return {
    milliseconds: Number(milliseconds),
    sender: { peakResidentBytes: Number(senderPeak), cpuMilliseconds: Number(senderCpu) },
    receivers: { peakResidentBytes: Number(receiverPeak), cpuMilliseconds: Number(receiverCpu) },
  };
}
