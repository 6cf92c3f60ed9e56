export { replaceFile, type Replacement } from './durable-file.ts';
export { tuneGarbageCollection } from './garbage-collection.ts';
export { createHasher, type DigestStream, type ThreadHasher } from './hasher.ts';
export { openDownload, type Download, type OpenedDownload } from './open-download.ts';
export { hashShare, type HashedShare, type ShareHashing } from './share-hasher.ts';
export { fingerprintShare, openShare, type CompleteShare } from './share-store.ts';
export { systemClock, systemRandom } from './system-clock.ts';
export { verifyShare, type Verification, type VerifyReport } from './verify-share.ts';
export { createWsTransport, type WsTransportOptions } from './ws-transport.ts';
