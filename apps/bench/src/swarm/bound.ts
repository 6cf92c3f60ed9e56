/** What moves over which lines; all leechers have the same. */
export interface SwarmSetting {
  readonly bytes: number;
  readonly leechers: number;
  /** Bits a second that a leecher, the seeder, and anybody may send and get, Ethernet frames and all. */
  readonly up: number;
  readonly seederUp: number;
  readonly down: number;
}

/**
 * The least time, in seconds, in which the last leecher can have the file: the source must send all of it once, each
 * leecher must get all of it, and all uplinks together must carry a copy for each (Kumar and Ross, 2006). It takes the
 * raw rates, so the headers of Ethernet, IP and TCP alone keep everybody at 1.046 times it.
 */
export function leastSeconds({ bytes, leechers, up, seederUp, down }: SwarmSetting): number {
  const bits = 8 * bytes;
  return Math.max(bits / seederUp, bits / down, (leechers * bits) / (seederUp + leechers * up));
}
