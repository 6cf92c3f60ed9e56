import { LIMITS, ShoalError } from '@shoal/protocol';
import { FleetPage, type FleetPageParts } from './fleet-page.ts';
import { Gateway } from './gateway.ts';

/** What pages are let in with. */
export interface PageGatewayParts extends FleetPageParts {
  readonly maxPages: number;
}

/** Lets pages in that look at the fleet: only those that this tracker served, and programs. */
export function pageGateway({ maxPages, ...parts }: PageGatewayParts): Gateway {
  return new Gateway({
    doing: 'looking at the fleet',
    most: maxPages,
    maxMessageBytes: LIMITS.controlMessageBytes,
    maxFragments: LIMITS.messageFragments,
    admit({ headers }) {
      if (isOwnPage(headers.origin, headers.host)) return;
      throw new ShoalError('forbidden-origin', 'looking at the fleet from a page of another site');
    },
    open: (socket) => new FleetPage(socket, parts).connection,
  });
}

/**
 * Whether a page comes from the host that it calls, which is this tracker; a program names no origin, and may look as it may
 * read the catalogue.
 */
export function isOwnPage(origin: string | undefined, host: string | undefined): boolean {
  if (origin === undefined) return true;
  if (host === undefined || !URL.canParse(origin)) return false;
  const page = new URL(origin);
  const called = `${page.protocol}//${host}`;
  return page.host !== '' && URL.canParse(called) && new URL(called).host === page.host;
}
