import { isLackOfDescriptors } from './file-errors.ts';

/** How long somebody who lacks a descriptor waits for one, in so many tries. */
const WAIT_MS = 5_000;
const TRIES = 50;

/** Whoever keeps files open that it does not use now. */
export interface DescriptorOwner {
  /** Closes what is idle. Must not reject: a failure to close is told to whoever uses the file next. */
  letGoOfIdle(): Promise<void>;
}

/** All in this process that have files open. */
export const descriptorOwners = new Set<DescriptorOwner>();

/**
 * Does what needs a descriptor, and does it again while the process or the computer has none: files that nobody uses now
 * are closed, then it is waited for others to be done. Rejects as `open` does; with EMFILE or ENFILE only after five
 * seconds.
 * @param open must be able to be done again after it failed
 */
export async function withDescriptor<T>(open: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await open();
    } catch (error) {
      if (!isLackOfDescriptors(error) || tries > TRIES) throw error;
    }
    await Promise.all([...descriptorOwners].map((owner) => owner.letGoOfIdle()));
    if (tries > 1) await new Promise((resolve) => setTimeout(resolve, WAIT_MS / TRIES));
  }
}
