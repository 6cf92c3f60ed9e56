import { useEffect, useRef } from 'react';
import uPlot from 'uplot';
import { useTheme } from '../page/theme.ts';
import type { RateHistory } from '../state/rate-history.ts';
import { colourOf, cssOf } from './colours.ts';
import { drawRate, drawSeconds } from './units.ts';

const HEIGHT = 168;
/** Below this width, in CSS pixels, a name for each minute has no room. */
const NARROW = 420;
const SPAN_SECONDS = 300;
const MiB = 1024 ** 2;

/** One line of a chart: what moves, as `Received by the fleet`, and how fast. */
export interface RateLine {
  readonly name: string;
  readonly history: RateHistory;
}

/** Rates over the last five minutes. @param lines one or two, whose samples are of the same times */
export function RateChart({ lines }: { lines: readonly RateLine[] }) {
  const host = useRef<HTMLDivElement>(null);
  const chart = useRef<uPlot>(undefined);
  const theme = useTheme();
  const lineCount = lines.length;
  useEffect(() => {
    if (host.current === null) return undefined;
    const plot = new uPlot(optionsFor(host.current.clientWidth, lineCount), [], host.current);
    const observer = new ResizeObserver(([entry]) => {
      if (entry !== undefined) plot.setSize({ width: entry.contentRect.width, height: HEIGHT });
    });
    observer.observe(host.current);
    chart.current = plot;
    return () => {
      observer.disconnect();
      plot.destroy();
      chart.current = undefined;
    };
  }, [theme, lineCount]);
  useEffect(() => {
    chart.current?.setData(dataOf(lines));
  }, [lines, theme, lineCount]);
  const words = lines.map(({ name, history }) => `${name} over the last minutes: ${inWords(history)}`);
  return (
    <>
      <div ref={host} className="chart" role="img" aria-label={words.join('. ')} />
      {lineCount > 1 && (
        <ul className="legend" aria-hidden="true">
          {lines.map(({ name }) => (
            <li key={name}>{name}</li>
          ))}
        </ul>
      )}
    </>
  );
}

function inWords(history: RateHistory): string {
  const rates = history.map(({ bytesPerSecond }) => bytesPerSecond);
  const rest = (bytesPerSecond: number): string => (bytesPerSecond < 1 ? 'nothing' : drawRate(bytesPerSecond));
  return `${rest(rates.at(-1) ?? 0)} now, ${rest(Math.max(0, ...rates))} at most`;
}

function dataOf(lines: readonly RateLine[]): uPlot.AlignedData {
  const [first] = lines;
  const lastMs = first?.history.at(-1)?.atMs ?? 0;
  return [
    first?.history.map(({ atMs }) => (atMs - lastMs) / 1000) ?? [],
    ...lines.map(({ history }) => history.map(({ bytesPerSecond }) => bytesPerSecond)),
  ];
}

function optionsFor(width: number, lineCount: number): uPlot.Options {
  const second = { stroke: cssOf(colourOf('--second')), width: 2, points: { show: false } };
  const accent = colourOf('--accent');
  const axis = { stroke: cssOf(colourOf('--muted')), font: '12px system-ui, sans-serif', ticks: { show: false } };
  return {
    width,
    height: HEIGHT,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, range: [-SPAN_SECONDS, 0] },
      y: { range: (_plot, _low, high) => [0, Math.max(high * 1.1, MiB)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        gap: 8,
        grid: { show: false },
        splits: (plot) => (plot.width < NARROW ? [-240, -120, 0] : [-300, -240, -180, -120, -60, 0]),
        values: (_plot, seconds) => seconds.map((at) => (at === 0 ? 'now' : `−${drawSeconds(-at)}`)),
      },
      {
        ...axis,
        size: 84,
        grid: { stroke: cssOf(colourOf('--line')), width: 1 },
        space: 32,
        incrs: [1, 2, 5]
          .flatMap((step) => Array.from({ length: 40 }, (_, power) => (step * 2 ** power * 1024) / 4))
          .sort((a, b) => a - b),
        values: (_plot, rates) => rates.map((rate) => (rate === 0 ? '0' : drawRate(rate))),
      },
    ],
    series: [
      {},
      { stroke: cssOf(accent), width: 2, fill: cssOf(accent, 0.12), points: { show: false } },
      ...(lineCount > 1 ? [second] : []),
    ],
  };
}
