/** A process that uses every adapter, stops them all, says so, and then has no reason to live on. */
import { createHasher, createWsTransport, openDownload, systemClock } from '@shoal/engine/node';
import { sampleShare } from '@shoal/engine/testing';

const share = sampleShare({ 'a/one': 5_000_000 });
const hasher = createHasher({ threads: 2 });
const { store } = await openDownload({
  metainfo: share.metainfo,
  folder: process.argv[2] ?? '',
  clock: systemClock,
  hasher,
});
const piece = await hasher.digest(share.partsOf(0));
await store.writePiece(0, piece.parts);

const [listener, dialler] = [createWsTransport({ host: '127.0.0.1' }), createWsTransport()];
const port = await listener.listen(() => undefined);
await dialler.dial({ host: '127.0.0.1', port });

await Promise.all([listener.stop(), dialler.stop(), store.close()]);
await hasher.stop();
process.stdout.write('stopped');
