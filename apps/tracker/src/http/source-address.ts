import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import { plainAddress } from '../core/contact.ts';

/** The tracker's own address that a caller dialled; undefined when proxies stand before it, which dialled it instead. */
export function dialledAddress(request: IncomingMessage, trustedProxies: number): string | undefined {
  const { localAddress } = request.socket;
  return trustedProxies > 0 || localAddress === undefined ? undefined : plainAddress(localAddress);
}

/**
 * The address that a call came from.
 * @param trustedProxies how many proxies stand before the tracker, each of which appends to `X-Forwarded-For`
 */
export function sourceAddress(request: IncomingMessage, trustedProxies: number): string {
  const direct = request.socket.remoteAddress ?? '0.0.0.0';
  if (trustedProxies === 0) return plainAddress(direct);
  const forwarded = [request.headers['x-forwarded-for'] ?? []].flat().join(',').split(',');
  const claimed = forwarded.at(-trustedProxies)?.trim();
  return plainAddress(claimed !== undefined && isIP(claimed) !== 0 ? claimed : direct);
}
