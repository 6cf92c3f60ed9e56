import { describe, expect, it } from 'vitest';
import { svgOf } from '../src/chart.ts';
import type { Report } from '../src/report.ts';

const report: Report = {
  name: 'link',
  title: 'One link',
  setting: [],
  columns: [{ name: '' }, { name: 's', digits: 1 }, { name: 'MB/s' }],
  rows: [
    ['shoal', 1.2, 812.4],
    ['aria2', 2.5, undefined],
  ],
  notes: [],
  chart: { columns: ['MB/s'], axis: 'MB/s, more is better' },
};
const textsOf = (svg = ''): string[] => [...svg.matchAll(/>([^<>]+)<\/text>/g)].map(([, text = '']) => text);

describe('the chart of a report', () => {
  it('has a bar for each row with its value as in the table, and none for what could not be measured', () => {
    const texts = textsOf(svgOf(report));
    expect(texts).toEqual(expect.arrayContaining(['One link', 'shoal', 'aria2', 'MB/s, more is better', '812']));
    expect(texts).not.toContain('–');
    expect(texts).not.toContain('1.2');
  });

  it('makes the rows of Shoal stand out', () => {
    const fills = (name: string): Set<string> => {
      const svg = svgOf({ ...report, rows: [[name, 1, 100]] }) ?? '';
      return new Set([...svg.matchAll(/fill="(#[0-9a-f]{6})"/g)].map(([, colour = '']) => colour));
    };
    const [ours, theirs] = [fills('shoal, running already'), fills('aria2')];
    expect([...ours].filter((colour) => !theirs.has(colour))).toHaveLength(1);
  });

  it('is not drawn where a report asks for none', () => {
    const { chart: _, ...plain } = report;
    expect(svgOf(plain)).toBeUndefined();
  });
});
