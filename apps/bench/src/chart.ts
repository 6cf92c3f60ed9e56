import { init, use } from 'echarts/core';
import { BarChart } from 'echarts/charts';
import { GridComponent, LegendComponent, TitleComponent } from 'echarts/components';
import { SVGRenderer } from 'echarts/renderers';
import type { Report } from './report.ts';

use([BarChart, GridComponent, LegendComponent, TitleComponent, SVGRenderer]);

const WIDTH = 760;
const ROW_HEIGHT = 22;
const FRAME_HEIGHT = 120;

/** Draws a report's chart as an SVG document; undefined when it has none. */
export function svgOf({ title, chart, columns, rows }: Report): string | undefined {
  if (chart === undefined) return undefined;
  const series = chart.columns.map((name) => {
    const at = columns.findIndex((column) => column.name === name);
    return { type: 'bar' as const, name, data: rows.map((row) => row[at] ?? '-') };
  });
  const height = FRAME_HEIGHT + rows.length * (ROW_HEIGHT * series.length + ROW_HEIGHT / 2);
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width: WIDTH, height });
  drawing.setOption({
    animation: false,
    title: { text: title, left: 'center' },
    legend: { show: series.length > 1, bottom: 0 },
    grid: { left: 190, right: 40, top: 50, bottom: series.length > 1 ? 70 : 50 },
    xAxis: { type: 'value', name: chart.axis, nameLocation: 'middle', nameGap: 28 },
    yAxis: { type: 'category', inverse: true, data: rows.map(([name]) => String(name)) },
    series,
  });
  const svg = drawing.renderToSVGString();
  drawing.dispose();
  return svg;
}
