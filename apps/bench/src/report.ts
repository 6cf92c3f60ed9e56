/** A column of a report. */
export interface Column {
  /** As `MB/s` or `peak MiB`: the unit stands in it. */
  readonly name: string;
  /** Digits after the point; 0 when absent. */
  readonly digits?: number;
}

/** A number that was measured, a word, or nothing where it could not be measured. */
export type Cell = number | string | undefined;

/** What one measurement found out: a table that stands for itself. */
export interface Report {
  /** Names its files: `link`, `swarm-equal`. */
  readonly name: string;
  readonly title: string;
  /** How it was made: what moved, how often, with which settings; one sentence each. */
  readonly setting: readonly string[];
  /** The first names the rows. */
  readonly columns: readonly Column[];
  readonly rows: readonly (readonly Cell[])[];
  /** What to know when reading it: who was missing, what limits what. */
  readonly notes: readonly string[];
  /** What to draw; a report without it has no picture. */
  readonly chart?: ChartOfReport;
}

/** A bar for each row in each of these columns. */
interface ChartOfReport {
  readonly columns: readonly string[];
  /** What the bars measure, with the unit. */
  readonly axis: string;
}

/** A report as text for a terminal. */
export function textOf(report: Report): string {
  const rows = [report.columns.map(({ name }) => name), ...cellsOf(report)];
  const parts = [report.title, report.setting.join('\n'), formatTable(rows), report.notes.join('\n')];
  return parts.filter((part) => part !== '').join('\n\n');
}

/** A report as a section of a Markdown page. */
export function markdownOf(report: Report): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`;
  const head = line(report.columns.map(({ name }) => name));
  const rule = line(report.columns.map((_, at) => (at === 0 ? '---' : '--:')));
  const table = [head, rule, ...cellsOf(report).map(line)].join('\n');
  return [`## ${report.title}`, report.setting.join(' '), table, ...report.notes]
    .filter((part) => part !== '')
    .join('\n\n');
}

function cellsOf({ columns, rows }: Report): string[][] {
  return rows.map((row) => row.map((cell, at) => textOfCell(cell, columns[at]?.digits ?? 0)));
}

/** A cell as it stands in a table; a dash for what could not be measured. */
export function textOfCell(cell: Cell, digits: number): string {
  if (cell === undefined || Number.isNaN(cell)) return '–';
  return typeof cell === 'number' ? cell.toFixed(digits) : cell;
}

/** A table of text: the first row is the head; all columns but the first stand to the right. */
function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join('  '),
  );
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  return [lines[0], rule, ...lines.slice(1)].map((line) => (line ?? '').trimEnd()).join('\n');
}
