/** Agents at addresses, as a page's sockets reach them: each speaks the protocol of links, well or not. */
import {
  Bitfield,
  encodeBlockHeader,
  encodePeerMessage,
  parsePeerMessage,
  sha256Hex,
  type PeerId,
  type PeerMessage,
  type SwarmMember,
} from '@shoal/protocol';
import type { OpenSocket, SocketHandlers } from '../../src/download/socket.ts';
import type { SampleShare } from './sample-share.ts';

export function idOf(name: string): PeerId {
  return sha256Hex(name) as string as PeerId;
}

export function aMember(name: string, changes: Partial<SwarmMember> = {}): SwarmMember {
  const machine = { peerId: idOf(name), name, agent: 'test', host: '192.0.2.1', port: 7000 };
  const report = { state: 'seeding', left: 0, receivedBytesPerSecond: 0, sentBytesPerSecond: 0 } as const;
  return { ...machine, ...report, ...changes };
}

/** What an agent does with those who come; it has the whole share, and serves it well unless it is told otherwise. */
export interface AgentHabits {
  readonly says?: PeerMessage;
  readonly spoils?: boolean;
  /** It never sends what was requested. */
  readonly withholds?: boolean;
  /** Offers so many pieces at a time, the wanted ones first and then others. */
  readonly window?: number;
}

/** One page at an agent's door. */
export class Visit {
  readonly heard: PeerMessage[] = [];
  readonly #share: SampleShare;
  readonly #habits: AgentHabits;
  readonly #page: SocketHandlers;
  readonly #offered = new Set<number>();
  readonly #claimed = new Set<number>();
  #isInterested = false;
  #wanted: number[] = [];
  isClosed = false;

  constructor(share: SampleShare, name: string, habits: AgentHabits, page: SocketHandlers) {
    this.#share = share;
    this.#habits = habits;
    this.#page = page;
    queueMicrotask(() => {
      if (this.isClosed) return;
      page.onOpen();
      this.say(habits.says ?? { kind: 'hello', version: 1, peerId: idOf(name), port: 7000, agent: 'test' });
    });
  }

  say(message: PeerMessage): void {
    if (!this.isClosed) this.#page.onMessage(encodePeerMessage(message));
  }

  breakOff(): void {
    if (this.isClosed) return;
    this.isClosed = true;
    this.#page.onClose();
  }

  hear(text: string): void {
    const message = parsePeerMessage(text);
    this.heard.push(message);
    queueMicrotask(() => {
      this.#answer(message);
    });
  }

  #answer(message: PeerMessage): void {
    const { metainfo } = this.#share;
    if (message.kind === 'join') {
      this.say({ kind: 'join', channel: 5, infoHash: metainfo.infoHash });
      this.say({ kind: 'bitfield', channel: 5, bits: Bitfield.full(metainfo.layout.pieceCount).toBase64() });
    } else if (message.kind === 'interested') {
      this.#isInterested = true;
      this.#wanted = [...(message.first ?? [])];
    } else if (message.kind === 'decline') this.#declined(message);
    else if (message.kind === 'have' || message.kind === 'expect') this.#learn(message);
    if (message.kind === 'request') this.#send(message.blocks);
    else this.#offer();
  }

  #declined({ pieces, reason }: Extract<PeerMessage, { kind: 'decline' }>): void {
    for (const piece of pieces) this.#offered.delete(piece);
    if (reason === 'unwanted') this.#isInterested = false;
    else for (const piece of pieces) this.#claimed.add(piece);
  }

  #learn(message: Extract<PeerMessage, { kind: 'have' | 'expect' }>): void {
    for (const piece of message.kind === 'have' ? message.pieces : message.add) {
      this.#claimed.add(piece);
      if (message.kind === 'have') this.#offered.delete(piece);
    }
    if (message.kind === 'expect') for (const piece of message.drop) this.#claimed.delete(piece);
  }

  #offer(): void {
    const all = Array.from({ length: this.#share.metainfo.layout.pieceCount }, (_, piece) => piece);
    while (this.#isInterested && this.#offered.size < (this.#habits.window ?? 2)) {
      const piece = [...this.#wanted, ...all].find((each) => !this.#offered.has(each) && !this.#claimed.has(each));
      if (piece === undefined) return;
      this.#offered.add(piece);
      this.say({ kind: 'offer', channel: 5, pieces: [piece] });
    }
  }

  #send(blocks: readonly (readonly [number, number, number])[]): void {
    if (this.#habits.withholds === true) return;
    for (const [piece, begin, length] of blocks) {
      const bytes = this.#share.piece(piece).subarray(begin, begin + length);
      if (this.#habits.spoils === true) bytes[0]! ^= 1;
      const frame = new Uint8Array([...encodeBlockHeader(5, piece, begin), ...bytes]);
      if (!this.isClosed) this.#page.onMessage(frame.buffer);
    }
  }
}

export class FakeNetwork {
  /** Every address that was dialled, in order. */
  readonly dialled: string[] = [];
  readonly visits: Visit[] = [];
  readonly #agents = new Map<string, { name: string; habits: AgentHabits }>();
  readonly #share: SampleShare;

  constructor(share: SampleShare) {
    this.#share = share;
  }

  /** An agent that accepts links at 192.0.2.1, or wherever its member says. */
  add(name: string, habits: AgentHabits = {}, changes: Partial<SwarmMember> = {}): SwarmMember {
    const member = aMember(name, { port: 7000 + this.#agents.size, ...changes });
    this.#agents.set(`ws://${member.host}:${member.port}/v1/peer`, { name, habits });
    return member;
  }

  readonly open: OpenSocket = (url, page) => {
    this.dialled.push(url);
    const agent = this.#agents.get(url);
    if (agent === undefined) {
      queueMicrotask(() => {
        page.onClose();
      });
      return { send: () => undefined, close: () => undefined };
    }
    const visit = new Visit(this.#share, agent.name, agent.habits, page);
    this.visits.push(visit);
    return {
      send: (text) => {
        visit.hear(text);
      },
      close: () => {
        visit.isClosed = true;
      },
    };
  };
}

/** Lets everything happen that needs no time. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await new Promise((resolve) => setImmediate(resolve));
}
