import { atMost, fact, type Figure } from '../figure.ts';
import type { ProgramAtRest } from './rest.ts';

/** Memory at the end, as a part of what it was after the warm-up. */
const MOST_GROWTH = 1.05;

/** Two looks at the same programs, in the same order. */
export interface TwoLooks {
  readonly before: readonly ProgramAtRest[];
  readonly after: readonly ProgramAtRest[];
  /** Whether there was too little time for memory to settle, so that it is only told. */
  readonly isShort: boolean;
}

type Count = 'timers' | 'otherResources' | 'sockets' | 'otherDescriptors' | 'threads';
const COUNTS: Readonly<Record<Count, string>> = {
  timers: 'timers',
  otherResources: 'handles besides timers',
  sockets: 'sockets, with as many links',
  otherDescriptors: 'descriptors besides sockets and shared files',
  threads: 'threads',
};

/** What a thread that was started later has for itself: it is counted among the threads. */
const OF_A_THREAD: Partial<Record<Count, number>> = { otherResources: 1, otherDescriptors: 4 };

/** What must be as it was, and is not more than it was. */
export function judge(looks: TwoLooks): readonly Figure[] {
  const kinds = Object.keys(COUNTS) as Count[];
  return [
    ...memoryFigures(looks),
    ...kinds.map((count) => countFigure(looks, count)),
    deletedFigure(looks),
    filesFigure(looks),
  ];
}

function memoryFigures({ before, after, isShort }: TwoLooks): Figure[] {
  const survivors = [...before.keys()].filter((at) => after[at]?.kills === 0);
  const tracker = survivors.filter((at) => at === 0);
  const agents = survivors.filter((at) => at > 0);
  const growth = (chosen: readonly number[], of: 'liveBytes' | 'anonymousBytes'): number => {
    const sum = (looks: readonly ProgramAtRest[]): number =>
      chosen.reduce((total, at) => total + (looks[at]?.[of] ?? NaN), 0);
    return sum(after) / sum(before);
  };
  const figure = (what: string, seen: number): Figure =>
    atMost({ what, unit: 'of that after warm-up', limit: MOST_GROWTH, seen, isTiming: isShort });
  return [
    figure('live memory of the agents that were never killed', growth(agents, 'liveBytes')),
    figure('resident anonymous memory of the same', growth(agents, 'anonymousBytes')),
    figure('live memory of the tracker', growth(tracker, 'liveBytes')),
    figure('resident anonymous memory of the tracker', growth(tracker, 'anonymousBytes')),
  ];
}

function countFigure({ before, after, isShort }: TwoLooks, count: Count): Figure {
  const allowed = (look: ProgramAtRest, at: number): number => {
    const threads = Math.max(0, look.threads - (before[at]?.threads ?? 0));
    return (before[at]?.[count] ?? -1) + threads * (OF_A_THREAD[count] ?? 0);
  };
  const grown = after.filter((look, at) => look[count] > allowed(look, at));
  const sum = (looks: readonly ProgramAtRest[]): number => looks.reduce((total, look) => total + look[count], 0);
  const culprits = grown.map(({ name }) => name).join(', ');
  const seen = `${sum(before)} before, ${sum(after)} after${culprits === '' ? '' : `, more at ${culprits}`}`;
  const figure = fact(COUNTS[count], { demand: 'nowhere more than after warm-up', seen, holds: grown.length === 0 });
  return { ...figure, isTiming: isShort && count === 'threads' };
}

function deletedFigure({ after }: TwoLooks): Figure {
  const open = after.reduce((total, { deletedFiles }) => total + deletedFiles, 0);
  return fact('descriptors of files that were removed', { demand: 'none', seen: String(open), holds: open === 0 });
}

function filesFigure({ before, after }: TwoLooks): Figure {
  const changes = after.flatMap(({ name, files }, at) => {
    const known = new Set(before[at]?.files);
    const found = new Set(files);
    const added = files.filter((file) => !known.has(file)).map((file) => `${name}: + ${file}`);
    const gone = [...known].filter((file) => !found.has(file)).map((file) => `${name}: - ${file}`);
    return [...added, ...gone];
  });
  const count = after.reduce((total, { files }) => total + files.length, 0);
  const seen = changes.length === 0 ? `the same ${count}` : changes.slice(0, 5).join(', ');
  return fact('files in homes and folders', { demand: 'the same', seen, holds: changes.length === 0 });
}
