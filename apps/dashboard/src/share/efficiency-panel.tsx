import { drawPercent, drawSeconds } from '../drawing/units.ts';
import { useNow } from '../page/use-now.ts';
import { efficiencyOf, TERMS, type Efficiency, type Term } from '../state/efficiency.ts';
import type { SharePicture } from '../state/share-picture.ts';

const MEANING: Readonly<Record<Term, string>> = {
  source: 'the source sends everything once',
  'slowest machine': 'the slowest machine receives everything',
  'total upload': 'all together send everything to everyone',
};

const NAMES: Readonly<Record<Term, string>> = {
  source: 'Source',
  'slowest machine': 'Slowest machine',
  'total upload': 'Total upload',
};

/** How well it goes, held against what no swarm can beat. */
export function EfficiencyPanel({ share: { facts, members } }: { share: SharePicture }) {
  const isGoingOn = [...members.values()].some(({ left }) => left > 0);
  const nowMs = useNow(isGoingOn);
  const efficiency = efficiencyOf(facts.length, members.values(), nowMs);
  if (efficiency === undefined) return <p className="hint">Nobody downloads it, or has.</p>;
  return (
    <>
      <p className="efficiency">{headline(efficiency)}</p>
      <Bars efficiency={efficiency} />
      <p className="hint">
        No way to spread it can be faster than the longest of these three. What lines can carry is estimated: the
        highest rates seen since this page looked stand for it.
      </p>
    </>
  );
}

function headline({ binding, ratio, elapsedSeconds, expectedSeconds, isComplete }: Efficiency) {
  if (binding === undefined)
    return 'Nothing has moved since this page looked, so there is nothing to hold the time against.';
  const bound = (
    <>
      {drawSeconds(binding.seconds)} at best; the <em>{binding.term}</em> binds
    </>
  );
  if (ratio === undefined || expectedSeconds === undefined) {
    return (
      <>
        {drawSeconds(elapsedSeconds)} so far, against {bound}. When it ends cannot be told yet.
      </>
    );
  }
  const time = `${isComplete ? 'took' : 'will take'} ${drawSeconds(expectedSeconds)}`;
  return (
    <>
      <strong>{drawPercent(ratio)}</strong> {time},{' '}
      {ratio < 1 ? <>against {bound}</> : 'as fast as the rates seen allow'}.
    </>
  );
}

function Bars({ efficiency: { elapsedSeconds, expectedSeconds, bound, binding } }: { efficiency: Efficiency }) {
  const longest = Math.max(elapsedSeconds, expectedSeconds ?? 0, binding?.seconds ?? 0, 0.001);
  return (
    <dl className="bars">
      <Bar
        name="Elapsed"
        meaning="the longest that a machine has taken"
        seconds={elapsedSeconds}
        longest={longest}
        kind="elapsed"
      />
      {TERMS.map((term) => (
        <Bar
          key={term}
          name={NAMES[term]}
          meaning={MEANING[term]}
          seconds={bound[term]}
          longest={longest}
          kind={binding?.term === term ? 'binding' : 'other'}
        />
      ))}
    </dl>
  );
}

interface BarProps {
  readonly name: string;
  readonly meaning: string;
  readonly seconds: number | undefined;
  readonly longest: number;
  readonly kind: 'elapsed' | 'binding' | 'other';
}

function Bar({ name, meaning, seconds, longest, kind }: BarProps) {
  return (
    <div className={`bar bar-${kind}`}>
      <dt>
        {name} <small>{meaning}</small>
      </dt>
      <dd>
        <span className="bar-track" aria-hidden="true">
          <span style={{ transform: `scaleX(${String((seconds ?? 0) / longest)})` }} />
        </span>
        <span className="bar-number">{seconds === undefined ? 'not seen yet' : drawSeconds(seconds)}</span>
      </dd>
    </div>
  );
}
