/** Who has which share in a soak, by their numbers. */
export interface Cast {
  readonly agents: number;
  readonly shares: number;
  /** How many agents hold a share at rest, its seeder among them. */
  readonly holders: number;
}

/** One thing that happens. */
export type Move =
  | { readonly kind: 'join' | 'leave'; readonly agent: number; readonly share: number }
  | { readonly kind: 'kill' | 'return'; readonly agent: number };

const KILL = 0.05;
const RETURN = 0.3;
const MOST_AWAY = 2;

/**
 * What happens in a soak: agents join and leave swarms, half of them are killed now and then and come back. It knows how
 * everybody stands by what it has said, so that equal chance gives equal plots whatever the machine makes of them.
 */
export class Plot {
  readonly #cast: Cast;
  readonly #chance: () => number;
  readonly #held: readonly Set<number>[];
  readonly #away = new Set<number>();

  /** Everybody begins as at rest. */
  constructor(cast: Cast, chance: () => number) {
    this.#cast = cast;
    this.#chance = chance;
    this.#held = Array.from({ length: cast.agents }, (_, agent) => new Set(restOf(cast, agent)));
  }

  /** The next move; whoever plays it does so before asking for another. */
  next(): Move {
    const [first] = this.#away;
    if (first !== undefined && (this.#away.size >= MOST_AWAY || this.#chance() < RETURN)) return this.#return(first);
    const agent = this.#pick(this.#present());
    if (canBeKilled(agent) && this.#chance() < 2 * KILL) {
      this.#away.add(agent);
      return { kind: 'kill', agent };
    }
    const share = this.#pick(this.#shares().filter((each) => seederOf(this.#cast, each) !== agent));
    return this.#change(agent, share);
  }

  /** What brings everybody to rest: all are back, and each has what it has at rest. */
  toRest(): readonly Move[] {
    const moves: Move[] = [...this.#away].map((agent) => this.#return(agent));
    for (const [agent, held] of this.#held.entries()) {
      const rest = new Set(restOf(this.#cast, agent));
      const differs = this.#shares().filter((share) => held.has(share) !== rest.has(share));
      moves.push(...differs.map((share) => this.#change(agent, share)));
    }
    return moves;
  }

  #return(agent: number): Move {
    this.#away.delete(agent);
    return { kind: 'return', agent };
  }

  #change(agent: number, share: number): Move {
    const held = this.#held[agent];
    const isLeaving = held?.delete(share) === true;
    if (!isLeaving) held?.add(share);
    return { kind: isLeaving ? 'leave' : 'join', agent, share };
  }

  #present(): number[] {
    return Array.from({ length: this.#cast.agents }, (_, agent) => agent).filter((agent) => !this.#away.has(agent));
  }

  #shares(): number[] {
    return Array.from({ length: this.#cast.shares }, (_, share) => share);
  }

  #pick(numbers: readonly number[]): number {
    const picked = numbers[Math.floor(this.#chance() * numbers.length)];
    if (picked === undefined) throw new Error('invariant: there is always somebody and something to choose');
    return picked;
  }
}

/** Every second agent; the others live from beginning to end, and show what grows. */
export function canBeKilled(agent: number): boolean {
  return agent % 2 === 1;
}

/** The agent that has a share from the beginning, and never lets go of it. */
export function seederOf({ agents }: Cast, share: number): number {
  return share % agents;
}

/** The shares that an agent holds at rest. */
export function restOf(cast: Cast, agent: number): number[] {
  const { agents, shares, holders } = cast;
  const distance = (share: number): number => (agent - seederOf(cast, share) + agents) % agents;
  return Array.from({ length: shares }, (_, share) => share).filter((share) => distance(share) < holders);
}
