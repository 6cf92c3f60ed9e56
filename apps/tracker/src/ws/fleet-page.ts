import { LIMITS, parseFromPage, type FromFleet, type View } from '@shoal/protocol';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Fleet } from '../core/fleet/fleet.ts';
import type { Page } from '../core/fleet/page.ts';
import { VERSION } from '../version.ts';
import { Connection } from './connection.ts';

/** What a page works with. */
export interface FleetPageParts {
  readonly fleet: Pick<Fleet, 'look' | 'leave'>;
  readonly log: Logger;
}

const ALIVE = JSON.stringify({ kind: 'alive' } satisfies FromFleet);

/** One page's WebSocket. It looks at one place at a time, and at another when it was told of that. */
export class FleetPage implements Page {
  readonly connection: Connection;
  readonly #fleet: FleetPageParts['fleet'];
  /** Where it wants to look next; whoever types says so at every letter. */
  #wanted: View | undefined;
  #isAwaiting = false;

  constructor(socket: WebSocket, { fleet, log }: FleetPageParts) {
    this.#fleet = fleet;
    this.connection = new Connection(socket, {
      what: 'a page',
      log,
      sign: ALIVE,
      onMessage: (text) => {
        this.#wanted = parseFromPage(text).view;
        this.#lookNext();
      },
      onClose: () => {
        fleet.leave(this);
      },
    });
    this.connection.send(JSON.stringify({ kind: 'welcome', version: VERSION } satisfies FromFleet));
  }

  hasRoom(): boolean {
    return this.connection.queuedBytes <= LIMITS.fleetQueueBytes;
  }

  send(message: string): void {
    if (!this.connection.isOpen) return;
    this.connection.send(message);
    this.#isAwaiting = false;
    // Not at once: whoever sends is in the middle of telling its pages.
    if (this.#wanted !== undefined) {
      queueMicrotask(() => {
        this.#lookNext();
      });
    }
  }

  #lookNext(): void {
    const view = this.#wanted;
    if (view === undefined || this.#isAwaiting || !this.connection.isOpen) return;
    this.#wanted = undefined;
    this.#isAwaiting = true;
    if (!this.#fleet.look(this, view)) this.#isAwaiting = false;
  }
}
