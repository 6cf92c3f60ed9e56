import widthOf from 'fast-string-width';

/**
 * Rows in columns, each as wide as its widest cell; the last column is not padded.
 * @param rows cells that are safe to show
 */
export function drawTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [column, cell] of row.entries()) widths[column] = Math.max(widths[column] ?? 0, widthOf(cell));
  }
  return rows.map((row) => drawRow(row, widths)).join('\n');
}

function drawRow(row: readonly string[], widths: readonly number[]): string {
  const cells = row.map((cell, column) => {
    const missing = column === row.length - 1 ? 0 : (widths[column] ?? 0) - widthOf(cell);
    return cell + ' '.repeat(missing);
  });
  return cells.join('  ').trimEnd();
}
