/** What the swarm with faults must have lived through, read off the chronicles of who was to blame. */
import type { Chronicles, Happening } from './chronicle.ts';
import type { Judge } from './judge.ts';

/** A claim about the run, and whether it holds. */
export interface Claim {
  readonly says: string;
  readonly holds: boolean;
}

/** Every claim, in the order of the summary; the trial is passed when all hold. */
export function claimsOf(judge: Pick<Judge, 'verdict' | 'wrongCopies'>, chronicles: Chronicles): Claim[] {
  return [
    killed('the tracker', chronicles.tracker),
    killed('the seeder', chronicles.seeder),
    exposed(chronicles.saboteur),
    {
      says: judge.wrongCopies === 0 ? 'no leecher ever held a wrong copy' : `${judge.wrongCopies} copies were wrong`,
      holds: judge.wrongCopies === 0,
    },
    {
      says: judge.verdict ?? 'not all leechers hold verified copies',
      holds: judge.verdict !== undefined,
    },
  ];
}

function killed(who: string, happenings: readonly Happening[]): Claim {
  const death = happenings.find((happening) => happening.kind === 'killed');
  if (death === undefined) return { says: `${who} was not killed: nobody was downloading`, holds: false };
  const isBack = happenings.some(({ kind }) => kind === 'back');
  const at = `${who} was killed when the leechers were at ${Math.round(death.progress * 100)} %`;
  return { says: `${at}, and ${isBack ? 'came back' : 'is not back yet'}`, holds: isBack };
}

function exposed(happenings: readonly Happening[]): Claim {
  const who = (kind: 'deceived' | 'banned-by'): Set<string> =>
    new Set(happenings.flatMap((happening) => (happening.kind === kind ? happening.peerId : [])));
  const [deceived, banning] = [who('deceived'), who('banned-by')];
  const holds = deceived.size > 0 && [...deceived].every((peerId) => banning.has(peerId));
  return { says: `the saboteur sent bad bytes to ${deceived.size} peers and was banned by ${banning.size}`, holds };
}
