import {
  createMetainfo,
  parseFromFleet,
  sha256Hex,
  type FromFleet,
  type InfoHash,
  type PeerId,
  type SwarmReport,
  type View,
} from '@shoal/protocol';
import { FLEET_TICK_MS, type FleetAgent } from '../../../src/core/fleet/fleet.ts';
import type { Page } from '../../../src/core/fleet/page.ts';
import type { Watch } from '../../../src/core/fleet/reporters.ts';
import { bytesOf } from '../../metainfos.ts';
import { DeskWorld, peerId, settled, type TestAgent } from '../desk-world.ts';

export const PIECE_COUNT = 20;
const PIECE_BYTES = 65_536;
export const LENGTH = PIECE_COUNT * PIECE_BYTES;

/** A page that reads what it is told; it takes nothing while the test says that it has no room. */
export class TestPage implements Page {
  isFull = false;
  readonly #told: string[] = [];

  hasRoom(): boolean {
    return !this.isFull;
  }

  send(message: string): void {
    if (this.isFull) throw new Error('it has no room');
    this.#told.push(message);
  }

  /** What it was told since this was asked last, read as a page reads it. */
  take(): FromFleet[] {
    return this.#told.splice(0).map(parseFromFleet);
  }

  /** The same, where only messages of one kind are wanted. */
  takeOf<K extends FromFleet['kind']>(kind: K): Extract<FromFleet, { kind: K }>[] {
    return this.take().filter((message) => message.kind === kind) as Extract<FromFleet, { kind: K }>[];
  }
}

/** An agent in a session, and what it was asked to tell. */
export interface FleetTestAgent {
  readonly peerId: PeerId;
  readonly desk: TestAgent;
  readonly fleet: FleetAgent;
  readonly asked: Watch[];
  /** Tells how it stands in one swarm. */
  says(report: Partial<SwarmReport> & Pick<SwarmReport, 'infoHash'>): void;
}

/** A fleet in virtual time, with agents and pages. */
export class FleetWorld extends DeskWorld {
  /** Registers a share of 20 pieces. */
  async register(name: string): Promise<InfoHash> {
    const share = createMetainfo({
      announce: 'http://localhost:8000',
      name,
      pieceLength: PIECE_BYTES,
      files: [{ path: [name], length: LENGTH, sha256: sha256Hex(new Uint8Array(1)) }],
      digests: new Uint8Array(32 * PIECE_COUNT),
    });
    await this.catalogue.register(share.infoHash, bytesOf(share));
    return share.infoHash;
  }

  /** The n-th agent, in swarms of which it has nothing yet. */
  async agent(n: number, infoHashes: readonly InfoHash[] = [], left = LENGTH): Promise<FleetTestAgent> {
    const desk = await this.open(n);
    if (infoHashes.length > 0) desk.session.announce(infoHashes.map((infoHash) => ({ infoHash, left })));
    const asked: Watch[] = [];
    const naming = { name: `web-${String(n)}`, agent: 'shoal/test' };
    const fleet = this.fleet.enter(peerId(n), naming, (watch) => asked.push(watch));
    const says: FleetTestAgent['says'] = (report) => {
      fleet.report([{ ...MOVING, ...report }]);
    };
    return { peerId: peerId(n), desk, fleet, asked, says };
  }

  /** A page that looks somewhere, and was told what is known at once. */
  async page(view: View): Promise<TestPage> {
    const page = new TestPage();
    this.fleet.look(page, view);
    await settled();
    return page;
  }

  /** Everything that the fleet put off until others had their turn. */
  takeTurns(): void {
    for (let turn = this.turns.shift(); turn !== undefined; turn = this.turns.shift()) turn();
  }

  /** Time passes in steps of a tick. */
  async pass(milliseconds: number): Promise<void> {
    for (let passed = 0; passed < milliseconds; passed += FLEET_TICK_MS) {
      this.now += FLEET_TICK_MS;
      for (const tick of this.ticks.splice(0)) tick();
      this.takeTurns();
      for (const action of this.pending.splice(0)) action();
      await settled();
    }
  }
}

export const OVERVIEW: View = { at: 'overview', query: '' };

/** What a test's agent says unless it says otherwise. */
const MOVING = {
  state: 'downloading',
  left: LENGTH / 2,
  receivedBytesPerSecond: 1_000,
  sentBytesPerSecond: 10,
} as const;
