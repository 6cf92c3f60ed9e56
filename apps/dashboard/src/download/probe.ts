import { LIMITS } from '@shoal/protocol';

/** Whether something answers at an address; `unknown` where the page's own policy does not let it ask. */
export type Probe = 'answers' | 'silent' | 'unknown';

/** Asks without being allowed to read the answer: that there is one is all that it tells. */
export async function probeHttp(url: string): Promise<Probe> {
  const blocked: string[] = [];
  const note = ({ blockedURI }: SecurityPolicyViolationEvent): void => {
    blocked.push(blockedURI);
  };
  document.addEventListener('securitypolicyviolation', note);
  try {
    await fetch(url, { mode: 'no-cors', cache: 'no-store', signal: AbortSignal.timeout(LIMITS.probeMs) });
    return 'answers';
  } catch {
    // The violation is told in a task of its own.
    await new Promise((resolve) => setTimeout(resolve, 100));
    return blocked.some((uri) => url.startsWith(uri)) ? 'unknown' : 'silent';
  } finally {
    document.removeEventListener('securitypolicyviolation', note);
  }
}
