import { runParts, type Battery } from '../battery.ts';
import { CAPS } from './caps.ts';
import { HALVES } from './halves.ts';
import { POISON } from './poison.ts';
import { STRAIN } from './strain.ts';

/** Peers that lie, withhold, flood, hold on and vanish, against a built agent. */
export const PEERS: Battery = {
  name: 'peers',
  summary: 'poisoners, liars, floods and slow strangers against an agent that downloads and seeds',
  run: (order) => runParts([POISON, HALVES, CAPS, STRAIN], order),
};
