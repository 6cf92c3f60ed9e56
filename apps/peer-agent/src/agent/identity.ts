import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import { join } from 'node:path';
import { peerIdOf, ShoalError, type PeerId } from '@shoal/protocol';
import { readOptional, replaceStateFile } from './state-file.ts';

/** A new identity that nobody keeps: for a peer that lives as long as one command or prompt. */
export function newIdentity(): PeerId {
  return identityOf(generateKeyPairSync('ed25519').privateKey);
}

/**
 * The identity of the agent of a home folder, made at its first start.
 * @throws ShoalError `state-damaged`
 */
export async function loadIdentity(home: string): Promise<PeerId> {
  const path = join(home, 'agent.key');
  const pem = await readOptional(path, "the agent's key");
  if (pem !== undefined) return identityOf(parseKey(pem, path));
  const { privateKey } = generateKeyPairSync('ed25519');
  await replaceStateFile(path, privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  return identityOf(privateKey);
}

function parseKey(pem: Buffer, path: string): KeyObject {
  try {
    const key = createPrivateKey(pem);
    if (key.asymmetricKeyType === 'ed25519') return key;
  } catch (cause) {
    throw new ShoalError('state-damaged', `reading the agent's key ${path}: it is not a key`, { cause });
  }
  throw new ShoalError('state-damaged', `reading the agent's key ${path}: it is not an Ed25519 key`);
}

function identityOf(privateKey: KeyObject): PeerId {
  const { x } = createPublicKey(privateKey).export({ format: 'jwk' });
  if (x === undefined) throw new Error('invariant: an Ed25519 key has a public part');
  return peerIdOf(Buffer.from(x, 'base64url'));
}
