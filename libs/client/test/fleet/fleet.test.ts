import { asInfoHash, LIMITS, type FromFleet, type View } from '@shoal/protocol';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { openFleet, type FleetConnection, type FleetState } from '../../src/fleet/index.ts';
import { FakeWebSocket } from './fake-web-socket.ts';

const URL_OF_FLEET = 'ws://tracker:8000/v1/fleet';
const OVERVIEW: View = { at: 'overview', query: 'film' };
const SHARE: View = { at: 'share', infoHash: asInfoHash('a'.repeat(64))! };
const WELCOME = { kind: 'welcome', version: '1.2.3' };

let fleet: FleetConnection;
let states: FleetState[];
let messages: FromFleet[];

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal('WebSocket', FakeWebSocket);
  FakeWebSocket.opened.length = 0;
  states = [];
  messages = [];
  const handlers = {
    onMessage: (message: FromFleet) => messages.push(message),
    onState: (state: FleetState) => states.push(state),
  };
  fleet = openFleet(URL_OF_FLEET, handlers, { random: () => 0.5, retry: { baseMs: 100, capMs: 1_000 } });
});

afterEach(() => {
  fleet.close();
  expect(vi.getTimerCount()).toBe(0);
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const kinds = (): string[] => states.map(({ kind }) => kind);

function stand(): void {
  FakeWebSocket.last.accept();
  FakeWebSocket.last.tell(WELCOME);
}

it('opens the address that it was given and stands when it is welcomed', () => {
  expect(FakeWebSocket.last.url).toBe(URL_OF_FLEET);
  FakeWebSocket.last.accept();
  expect(kinds()).toEqual(['connecting']);
  FakeWebSocket.last.tell(WELCOME);
  expect(kinds()).toEqual(['connecting', 'standing']);
  expect(messages).toEqual([WELCOME]);
});

it('looks when the connection stands, whether it was told before or after', () => {
  fleet.look(OVERVIEW);
  expect(FakeWebSocket.last.said).toEqual([]);
  stand();
  fleet.look(SHARE);
  expect(FakeWebSocket.last.said).toEqual([OVERVIEW, SHARE].map((view) => ({ kind: 'look', view })));
});

it('comes back by itself and looks where it looked last', () => {
  fleet.look(OVERVIEW);
  stand();
  fleet.look(SHARE);
  FakeWebSocket.last.drop();
  expect(states.at(-1)).toMatchObject({ kind: 'lost', problem: { code: 'tracker-unreachable' }, retryMs: 50 });
  vi.advanceTimersByTime(50);
  expect(FakeWebSocket.opened).toHaveLength(2);
  stand();
  expect(kinds()).toEqual(['connecting', 'standing', 'lost', 'connecting', 'standing']);
  expect(FakeWebSocket.last.said).toEqual([{ kind: 'look', view: SHARE }]);
});

it('waits longer after every failure, up to the cap, and begins anew after a good connection', () => {
  const waits: number[] = [];
  const dropAndWait = (): void => {
    FakeWebSocket.last.drop();
    const state = states.at(-1)!;
    if (state.kind === 'lost') waits.push(state.retryMs);
    vi.advanceTimersToNextTimer();
  };
  for (let n = 0; n < 5; n++) dropAndWait();
  stand();
  dropAndWait();
  stand();
  vi.advanceTimersByTime(5_000);
  dropAndWait();
  expect(waits).toEqual([50, 100, 200, 400, 500, 500, 50]);
});

it('does not wait when it is asked to try now', () => {
  fleet.retryNow();
  expect(FakeWebSocket.opened).toHaveLength(1);
  FakeWebSocket.last.drop();
  fleet.retryNow();
  expect(FakeWebSocket.opened).toHaveLength(2);
  vi.advanceTimersByTime(1_000);
  expect(FakeWebSocket.opened).toHaveLength(2);
});

it('gives up a connection that has become silent, and not one that gives signs of life', () => {
  stand();
  for (let minute = 0; minute < 5; minute++) {
    vi.advanceTimersByTime(3 * LIMITS.pingMs - 1);
    FakeWebSocket.last.tell({ kind: 'alive' });
  }
  expect(kinds()).toEqual(['connecting', 'standing']);
  expect(messages).toEqual([WELCOME]);
  vi.advanceTimersByTime(3 * LIMITS.pingMs);
  expect(states.at(-1)).toMatchObject({ kind: 'lost', problem: { code: 'timed-out' } });
});

it('gives up a connection on which no welcome comes in time', () => {
  FakeWebSocket.last.accept();
  vi.advanceTimersByTime(LIMITS.trackerReplyMs);
  expect(states.at(-1)).toMatchObject({ kind: 'lost', problem: { code: 'timed-out' } });
  const dead = FakeWebSocket.last;
  vi.advanceTimersByTime(1_000);
  FakeWebSocket.last.accept();
  dead.drop();
  dead.tell(WELCOME);
  expect(FakeWebSocket.opened).toHaveLength(2);
  expect(messages).toEqual([]);
});

it.each([
  ['no JSON', '{'],
  ['a message that no tracker sends', { kind: 'sonnet' }],
  ['a binary message', new ArrayBuffer(4)],
])('gives up a connection that brings %s', (_title, data) => {
  stand();
  FakeWebSocket.last.tell(data);
  expect(states.at(-1)).toMatchObject({ kind: 'lost', problem: { code: 'tracker-refused' } });
  expect(FakeWebSocket.last.readyState).toBe(2);
  expect(messages).toEqual([WELCOME]);
});

it('says what the tracker said before it closed', () => {
  stand();
  FakeWebSocket.last.tell({ kind: 'error', code: 'overloaded', message: 'a hundred pages look already' });
  FakeWebSocket.last.drop();
  const problem = { code: 'tracker-refused', message: expect.stringContaining('a hundred pages look') as string };
  expect(states.at(-1)).toMatchObject({ kind: 'lost', problem });
});

it('calls no handler after it was closed, and leaves no timer', () => {
  stand();
  const before = states.length;
  fleet.close();
  FakeWebSocket.last.tell(WELCOME);
  FakeWebSocket.last.drop();
  fleet.look(SHARE);
  vi.advanceTimersByTime(60_000);
  expect(states).toHaveLength(before);
  expect(messages).toHaveLength(1);
  expect(FakeWebSocket.opened).toHaveLength(1);
});
