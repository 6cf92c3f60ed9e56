import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { textOfCell, type Cell, type Report } from './report.ts';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 760;
const BAR_HEIGHT = 20;
const ROW_GAP = 12;
/** For title, axis and legend. */
const FRAME_HEIGHT = 130;
/** Room for the names at the left, by their length. */
const CHARACTER_WIDTH = 7;

/** On a card of its own, so that it can be read on pages of any colour. */
const [CARD, INK, FAINT, LINE] = ['#ffffff', '#212529', '#495057', '#dee2e6'];
/** Ours and theirs, a shade for each column. */
const SHOAL = ['#0b7285', '#1098ad', '#3bc9db', '#99e9f2'];
const OTHERS = ['#868e96', '#adb5bd', '#ced4da', '#e9ecef'];

/** Draws a report's chart as an SVG document; undefined when it has none. Rows whose name begins with `shoal` stand out. */
export function svgOf({ title, chart, columns, rows }: Report): string | undefined {
  if (chart === undefined) return undefined;
  const names = rows.map(([name]) => String(name));
  const series = chart.columns.map((name, shade) => {
    const at = columns.findIndex((column) => column.name === name);
    return seriesOf(name, shade, { names, cells: rows.map((row) => row[at]), digits: columns[at]?.digits ?? 0 });
  });
  const height = FRAME_HEIGHT + rows.length * (BAR_HEIGHT * series.length + ROW_GAP);
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  const quiet = { axisLine: { lineStyle: { color: LINE } }, axisTick: { show: false } };
  drawing.setOption({
    animation: false,
    backgroundColor: CARD,
    textStyle: { color: INK, fontFamily: 'sans-serif' },
    title: { text: title, left: 16, top: 12, textStyle: { color: INK, fontSize: 16 } },
    legend: { show: series.length > 1, bottom: 8, textStyle: { color: INK } },
    grid: {
      left: 24 + CHARACTER_WIDTH * Math.max(...names.map((name) => name.length)),
      right: 70,
      top: 50,
      bottom: series.length > 1 ? 74 : 50,
    },
    xAxis: {
      type: 'value',
      name: chart.axis,
      nameLocation: 'middle',
      nameGap: 28,
      nameTextStyle: { color: FAINT },
      axisLabel: { color: FAINT },
      splitLine: { lineStyle: { color: LINE } },
    },
    yAxis: { type: 'category', inverse: true, data: names, axisLabel: { color: INK, fontSize: 13 }, ...quiet },
    series,
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return svg;
}

interface Bars {
  readonly names: readonly string[];
  readonly cells: readonly Cell[];
  readonly digits: number;
}

function seriesOf(name: string, shade: number, { names, cells, digits }: Bars) {
  return {
    type: 'bar' as const,
    name,
    barWidth: BAR_HEIGHT - 4,
    itemStyle: { color: OTHERS[shade % OTHERS.length] ?? FAINT },
    data: cells.map((cell, at) => ({
      value: typeof cell === 'number' && !Number.isNaN(cell) ? cell : '-',
      label: { show: typeof cell === 'number', position: 'right', color: INK, formatter: textOfCell(cell, digits) },
      ...(names[at]?.startsWith('shoal') && { itemStyle: { color: SHOAL[shade % SHOAL.length] ?? INK } }),
    })),
  };
}
