import { displayWidth, oneLine, truncate } from './display-width.ts';
import type { Colour, Style } from './style.ts';

export interface Column<Row> {
  header: string;
  value(row: Row): string;
  align?: 'left' | 'right';
  /** May be cut to fit the terminal; the others never are. */
  flexible?: boolean;
  colour?(row: Row): Colour | null;
}

const GAP = '  ';
const NARROWEST = 8;

/**
 * Rows as aligned columns under dimmed headings. With a `width`, flexible columns give way until the lines fit;
 * without one (a pipe or a file) nothing is cut.
 */
export function renderTable<Row>(rows: readonly Row[], columns: Column<Row>[], style: Style, width?: number): string {
  const cells = rows.map((row) => columns.map((column) => oneLine(column.value(row))));
  const widths = columns.map((column, index) =>
    Math.max(displayWidth(column.header), ...cells.map((line) => displayWidth(line[index] ?? ''))),
  );
  if (width !== undefined) shrink(widths, columns, width);

  const line = (texts: string[], paint: (text: string, index: number) => string) =>
    columns
      .map((column, index) => {
        const space = widths[index] ?? 0;
        const text = truncate(texts[index] ?? '', space);
        const padding = ' '.repeat(space - displayWidth(text));
        const last = index === columns.length - 1;
        if (column.align === 'right') return padding + paint(text, index);
        return paint(text, index) + (last ? '' : padding);
      })
      .join(GAP)
      .trimEnd();

  const headings = line(
    columns.map((column) => column.header),
    (text) => style('dim', text),
  );
  const body = cells.map((texts, rowIndex) =>
    line(texts, (text, index) => {
      const row = rows[rowIndex];
      const colour = row === undefined ? null : (columns[index]?.colour?.(row) ?? null);
      return colour === null ? text : style(colour, text);
    }),
  );
  return `${[headings, ...body].join('\n')}\n`;
}

/** Takes from the widest flexible column until all fit, or no flexible one can give more. */
function shrink<Row>(widths: number[], columns: Column<Row>[], available: number): void {
  const total = () => widths.reduce((sum, width) => sum + width, 0) + GAP.length * (columns.length - 1);
  while (total() > available) {
    let widest = -1;
    for (const [index, column] of columns.entries()) {
      if (column.flexible && (widths[index] ?? 0) > Math.max(NARROWEST, widths[widest] ?? 0)) widest = index;
    }
    if (widest === -1) return;
    widths[widest] = (widths[widest] ?? 0) - 1;
  }
}
