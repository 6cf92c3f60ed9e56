import { encodePeerMessage, LIMITS, parsePeerMessage, PEER_PROTOCOL_VERSION, type PeerId } from '@shoal/protocol';
import { describe, expect, it } from 'vitest';
import type { Scenario, SimAgent } from '@shoal/engine/testing';
import type { Link } from '../../src/shell/ports.ts';
import { addMany, atHome, MIB, progressOf } from './home-lines.ts';

const aStrangersId = '5'.repeat(64) as PeerId;

/** A machine without an engine that says whatever a test wants, and hears what comes. */
class Stranger {
  readonly heard: string[] = [];
  isClosed = false;
  readonly #link: Link;

  private constructor(link: Link) {
    this.#link = link;
    link.receive({
      onText: (frame) => this.heard.push(frame),
      onBinary: () => undefined,
      onTooLarge: () => undefined,
      onDrain: () => undefined,
      onClose: () => (this.isClosed = true),
    });
  }

  static async dial(scenario: Scenario, agent: SimAgent): Promise<Stranger> {
    const host = scenario.addHost();
    let stranger: Stranger | undefined;
    void host.transport.dial(agent.host.address).then((link) => (stranger = new Stranger(link)));
    await scenario.runUntil(() => stranger !== undefined, 1_000);
    return stranger!;
  }

  say(text: string): this {
    this.#link.sendText(text);
    return this;
  }

  sayHello(peerId = aStrangersId): this {
    const hello = { kind: 'hello', version: PEER_PROTOCOL_VERSION, peerId, port: 0, agent: 'stranger' } as const;
    return this.say(encodePeerMessage(hello));
  }

  sendBytes(bytes: Uint8Array): this {
    this.#link.sendBinary(bytes, new Uint8Array(0));
    return this;
  }

  /** The code with which it was sent away. */
  get byeCode(): string | undefined {
    const messages = this.heard.map((frame) => parsePeerMessage(frame));
    return messages.find((message) => message.kind === 'bye')?.code;
  }
}

const linkCount = ({ engine }: SimAgent): number => engine.snapshot().links.length;

describe('two agents have one link', () => {
  it('when they dial each other at once', async () => {
    const scenario = atHome();
    scenario.tracker.isUp = false;
    const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    const linked = Promise.all([
      seeder.engine.connect(leecher.host.address),
      leecher.engine.connect(seeder.host.address),
    ]);
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
    expect(await linked).toEqual([leecher.peerId, seeder.peerId]);
    expect([linkCount(seeder), linkCount(leecher)]).toEqual([1, 1]);
  });

  it('when one dials the other a second time, and the download goes on', async () => {
    const scenario = atHome();
    const [seeder, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    await scenario.runUntil(() => progressOf(scenario, leecher) > 0.2, 10_000);
    scenario.world.after(0, () => void seeder.engine.connect(leecher.host.address));
    scenario.world.after(0, () => void leecher.engine.connect({ ...seeder.host.address }));
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
    expect([linkCount(seeder), linkCount(leecher)]).toEqual([1, 1]);
  });

  it('when all of a swarm find each other at once', async () => {
    const scenario = atHome({ shareBytes: 4 * MIB });
    const agents = await addMany(scenario, 12);
    await scenario.wait(5_000);
    expect(agents.map(linkCount)).toEqual(agents.map(() => 11));
  });
});

it('an agent that dials itself is told so, and has no link', async () => {
  const scenario = atHome();
  const agent = await scenario.add();
  const outcome = expect(agent.engine.connect(agent.host.address)).rejects.toMatchObject({ code: 'self-link' });
  await scenario.wait(1_000);
  await outcome;
  expect(linkCount(agent)).toBe(0);
});

describe('a banned peer', () => {
  it('cannot return', async () => {
    const scenario = atHome();
    const poisoner = await scenario.add({ has: 'all', lies: 'poisons' });
    const leecher = await scenario.add();
    await scenario.wait(3_000);
    expect(linkCount(leecher)).toBe(0);
    poisoner.engine.connect(leecher.host.address).catch(() => undefined);
    await scenario.wait(3_000);
    expect([linkCount(leecher), linkCount(poisoner)]).toEqual([0, 0]);
    const outcome = expect(leecher.engine.connect(poisoner.host.address)).rejects.toThrow('banned');
    await scenario.wait(3_000);
    await outcome;
    expect([linkCount(leecher), linkCount(poisoner)]).toEqual([0, 0]);
  });

  it('is not dialled though the tracker and other peers name it', async () => {
    const scenario = atHome();
    const poisoner = await scenario.add({ has: 'all', lies: 'poisons' });
    const [leecher] = await addMany(scenario, 3);
    await scenario.wait(3_000);
    await addMany(scenario, 3);
    await scenario.wait(120_000);
    expect(leecher!.engine.snapshot().knownPeers).not.toContainEqual(poisoner.host.address);
  });
});

describe('garbage from a peer closes only its link', () => {
  const cases: readonly (readonly [string, (stranger: Stranger) => void, string])[] = [
    ['text that is not JSON', (stranger) => stranger.sayHello().say('garbage'), 'bad-json'],
    ['a message that is not ours', (stranger) => stranger.sayHello().say('{"kind":"format-disk"}'), 'bad-message'],
    ['a message above the limit', (stranger) => stranger.sayHello().say('x'.repeat(70_000)), 'too-large'],
    ['a message before hello', (stranger) => stranger.say('{"kind":"leave","channel":0}'), 'protocol-violation'],
    ['a second hello', (stranger) => stranger.sayHello().sayHello(), 'protocol-violation'],
    ['a block on no channel', (stranger) => stranger.sayHello().sendBytes(new Uint8Array(100)), 'protocol-violation'],
    ['a frame of no size', (stranger) => stranger.sayHello().sendBytes(new Uint8Array(0)), 'protocol-violation'],
    [
      'a frame above the limit',
      (stranger) => stranger.sayHello().sendBytes(new Uint8Array(LIMITS.blockBytes + 13)),
      'protocol-violation',
    ],
    [
      'another version',
      (stranger) => stranger.say(`{"kind":"hello","version":2,"peerId":"${aStrangersId}","port":0,"agent":"x"}`),
      'unsupported-version',
    ],
  ];
  it.each(cases)('%s', async (_what, misbehave, code) => {
    const scenario = atHome();
    const [, leecher] = [await scenario.add({ has: 'all' }), await scenario.add()];
    await scenario.runUntil(() => progressOf(scenario, leecher) > 0.2, 10_000);
    const stranger = await Stranger.dial(scenario, leecher);
    misbehave(stranger);
    await scenario.wait(1_000);
    expect([stranger.byeCode, stranger.isClosed, linkCount(leecher)]).toEqual([code, true, 1]);
    expect(await scenario.runUntilFinished([leecher], 15_000)).toBe(true);
  });
});

describe('a peer that says nothing', () => {
  it('is sent away when the time for its hello is over', async () => {
    const scenario = atHome();
    const leecher = await scenario.add();
    const stranger = await Stranger.dial(scenario, leecher);
    await scenario.wait(LIMITS.helloMs - 100);
    expect(stranger.isClosed).toBe(false);
    await scenario.wait(200);
    expect([stranger.byeCode, stranger.isClosed]).toEqual(['timed-out', true]);
  });

  it('is sent away when nothing was shared with it for two minutes', async () => {
    const scenario = atHome();
    const leecher = await scenario.add();
    const stranger = (await Stranger.dial(scenario, leecher)).sayHello();
    await scenario.wait(LIMITS.idleMs - 1_000);
    expect(stranger.isClosed).toBe(false);
    await scenario.wait(2_000);
    expect([stranger.byeCode, stranger.isClosed]).toEqual(['idle', true]);
  });
});
