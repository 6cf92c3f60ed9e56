import { describe, expect, it } from 'vitest';
import { svgOf } from '../src/chart.ts';
import { markdownOf, textOf, type Report } from '../src/report.ts';

const REPORT: Report = {
  name: 'link',
  title: 'One link',
  setting: ['One gigabyte.', 'Two cores.'],
  columns: [{ name: '' }, { name: 'MB/s' }, { name: 'ratio', digits: 2 }],
  rows: [
    ['shoal', 1234.4, 1],
    ['a|b', 9.6, undefined],
  ],
  notes: ['c was not installed.'],
};

describe('a report as text', () => {
  it('lines up the columns, rounds as asked, and marks what is not known', () => {
    expect(textOf(REPORT)).toBe(
      [
        'One link\n\nOne gigabyte.\nTwo cores.\n',
        '       MB/s  ratio\n-----  ----  -----\nshoal  1234   1.00\na|b      10      –\n',
        'c was not installed.',
      ].join('\n'),
    );
  });
});

describe('a report as Markdown', () => {
  it('keeps a bar in a name from ending its cell', () => {
    expect(markdownOf(REPORT)).toContain('\n| a\\|b | 10 | – |\n');
  });
});

describe('a chart', () => {
  it('has a bar for each row, and its names as text', () => {
    const svg = svgOf({ ...REPORT, chart: { columns: ['MB/s'], axis: 'MB/s' } });
    expect(svg).toMatch(/^<svg/);
    expect(svg).toContain('>shoal</text>');
    expect(svg).toContain('a|b');
  });

  it('is left out when a report has nothing to draw', () => {
    expect(svgOf(REPORT)).toBeUndefined();
  });
});
