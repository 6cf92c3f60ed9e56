import { describe, expect, it } from 'vitest';
import { LIMITS, type InfoHash } from '@shoal/protocol';
import { Channels } from '../../src/shell/channels.ts';

const X = 'a'.repeat(64) as InfoHash;
const Y = 'b'.repeat(64) as InfoHash;

function liveChannels(): Channels {
  const channels = new Channels();
  channels.join(X);
  channels.theyJoin(7, X);
  return channels;
}

describe('Channels', () => {
  it('numbers our swarms one after the other, and enters none twice', () => {
    const channels = new Channels();
    expect([channels.join(X), channels.join(Y), channels.join(X)]).toEqual([0, 1, undefined]);
    expect([channels.of(X), channels.of(Y)]).toEqual([0, 1]);
  });

  it('calls a swarm live when both sides have entered it, whoever was first', () => {
    const channels = new Channels();
    channels.theyJoin(3, X);
    expect([channels.isLive(X), channels.isOtherIn(X), channels.live]).toEqual([false, true, []]);
    channels.join(X);
    expect([channels.isLive(X), channels.live]).toEqual([true, [X]]);
    channels.join(Y);
    expect(channels.live).toEqual([X]);
  });

  it('refuses a channel or a swarm that is bound already, and a channel that stands for nothing', () => {
    const channels = liveChannels();
    expect(() => {
      channels.theyJoin(7, Y);
    }).toThrow('channel 7 a second time');
    expect(() => {
      channels.theyJoin(8, X);
    }).toThrow('a swarm a second time');
    expect(() => channels.hear(8, 'have')).toThrow('channel 8, which stands for no swarm');
    expect(() => channels.theyLeave(8)).toThrow('channel 8, which stands for no swarm');
  });

  it('takes as many channels as the limit allows, and no more', () => {
    const channels = new Channels();
    const swarm = (n: number): InfoHash => n.toString(16).padStart(64, '0') as InfoHash;
    for (let n = 0; n < LIMITS.channelsPerLink; n++) channels.theyJoin(n, swarm(n));
    expect(() => {
      channels.theyJoin(LIMITS.channelsPerLink, X);
    }).toThrow('too many channels');
    channels.theyLeave(0);
    channels.theyJoin(LIMITS.channelsPerLink, X);
    expect(channels.isOtherIn(X)).toBe(true);
  });

  it('hears what concerns a live swarm, and nothing of one that we have left', () => {
    const channels = liveChannels();
    expect([channels.hear(7, 'bitfield'), channels.hear(7, 'have')]).toEqual([X, X]);
    expect(channels.leave(X)).toBe(0);
    expect([channels.hear(7, 'have'), channels.leave(X)]).toEqual([undefined, undefined]);
  });

  it('says whether a swarm that the other side leaves was live', () => {
    const channels = liveChannels();
    channels.theyJoin(8, Y);
    expect([channels.theyLeave(8), channels.theyLeave(7)]).toEqual([undefined, X]);
  });

  it('passes a second bitfield on, for whoever judges it', () => {
    const channels = liveChannels();
    expect([channels.hear(7, 'bitfield'), channels.hear(7, 'bitfield')]).toEqual([X, X]);
  });
});

describe('a swarm that we left and entered again', () => {
  function reentered(): Channels {
    const channels = liveChannels();
    channels.hear(7, 'bitfield');
    channels.leave(X);
    channels.join(X);
    return channels;
  }

  it('has a new channel', () => {
    expect(reentered().of(X)).toBe(1);
  });

  it('hears nothing of before until the bitfield comes anew', () => {
    const channels = reentered();
    expect([channels.hear(7, 'have'), channels.hear(7, 'offer'), channels.hear(7, 'block')]).toEqual(
      Array(3).fill(undefined),
    );
    expect([channels.hear(7, 'bitfield'), channels.hear(7, 'have'), channels.hear(7, 'block')]).toEqual([X, X, X]);
  });

  it('hears who asks for the metainfo, which needs no bitfield', () => {
    expect(reentered().hear(7, 'metainfo?')).toBe(X);
  });

  it('does not hear a second bitfield, when the first was on its way already', () => {
    const channels = new Channels();
    channels.join(X);
    channels.leave(X);
    channels.join(X);
    channels.theyJoin(7, X);
    const heard = [channels.hear(7, 'bitfield'), channels.hear(7, 'have'), channels.hear(7, 'bitfield')];
    expect(heard).toEqual([X, X, undefined]);
  });

  it('does not hear a second bitfield when the other side enters it again as well, before it knew', () => {
    const channels = reentered();
    channels.hear(7, 'bitfield');
    channels.theyLeave(7);
    channels.theyJoin(8, X);
    expect([channels.hear(8, 'bitfield'), channels.hear(8, 'bitfield')]).toEqual([X, undefined]);
  });

  it('hears everything when the other side enters it again as well', () => {
    const channels = reentered();
    channels.hear(7, 'bitfield');
    channels.theyLeave(7);
    channels.theyJoin(8, X);
    expect([channels.hear(8, 'bitfield'), channels.hear(8, 'have')]).toEqual([X, X]);
  });
});
