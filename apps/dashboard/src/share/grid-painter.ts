/**
 * Paints machines × pieces. A machine is a row; a cell is one piece, or several where there are more pieces than columns,
 * coloured by how many of them are there. A row is painted when the machine's bitfield is another one, and else left alone.
 */
import type { Bitfield } from '@shoal/protocol';
import { colourOf, mix, type Colour } from '../drawing/colours.ts';
import type { Member } from '../state/member.ts';
import type { PieceCensus } from '../state/piece-census.ts';

/** How the grid lies: `rowPixels` high rows, the last `gapPixels` of each empty. */
export interface GridLayout {
  readonly columns: number;
  readonly pieceCount: number;
  readonly rowPixels: number;
  readonly gapPixels: number;
}

const SHADES = 64;

/** The first piece of a column; of the column after the last, the number of pieces. */
export function firstPieceOf(column: number, { columns, pieceCount }: GridLayout): number {
  return Math.floor((column * pieceCount) / columns);
}

export class GridPainter {
  readonly #grid: CanvasRenderingContext2D;
  readonly #strip: CanvasRenderingContext2D;
  readonly #layout: GridLayout;
  readonly #shades: readonly number[];
  readonly #alarm: number;
  readonly #row: ImageData;
  /** What stands on the canvas. */
  #painted: (Bitfield | undefined)[] = [];
  #paintedCensus: PieceCensus | undefined;

  /** @param grid one row for each machine @param strip one row: how many have each piece */
  constructor(grid: CanvasRenderingContext2D, strip: CanvasRenderingContext2D, layout: GridLayout) {
    this.#grid = grid;
    this.#strip = strip;
    this.#layout = layout;
    const [track, accent] = [colourOf('--track'), colourOf('--accent')];
    // What is begun stands out from what is empty.
    this.#shades = Array.from({ length: SHADES + 1 }, (_, at) =>
      packed(mix(track, accent, at === 0 ? 0 : 0.2 + (0.8 * at) / SHADES)),
    );
    this.#alarm = packed(colourOf('--danger'));
    this.#row = grid.createImageData(layout.columns, layout.rowPixels);
  }

  /** Brings the canvas to the present state of these machines, in this order; the canvas has a row for each. */
  paint(members: readonly (Member | undefined)[], census: PieceCensus): void {
    members.forEach((member, row) => {
      const held = member?.held;
      if (row < this.#painted.length && this.#painted[row] === held) return;
      this.#painted[row] = held;
      this.#paintRow(row, held);
    });
    if (census === this.#paintedCensus) return;
    this.#paintedCensus = census;
    this.#paintStrip(census, members.length);
  }

  #paintRow(row: number, held: Bitfield | undefined): void {
    const { columns, rowPixels, gapPixels } = this.#layout;
    const pixels = new Uint32Array(this.#row.data.buffer);
    for (let column = 0; column < columns; column++) {
      const first = firstPieceOf(column, this.#layout);
      const end = firstPieceOf(column + 1, this.#layout);
      let count = 0;
      for (let piece = first; piece < end; piece++) if (held?.has(piece) === true) count++;
      pixels[column] = this.#shades[Math.floor((count / (end - first)) * SHADES)] ?? 0;
    }
    for (let y = 1; y < rowPixels - gapPixels; y++) pixels.copyWithin(y * columns, 0, columns);
    this.#grid.putImageData(this.#row, 0, row * rowPixels);
  }

  /** A column of the strip tells of its rarest piece. */
  #paintStrip(census: PieceCensus, machines: number): void {
    const { columns } = this.#layout;
    const image = this.#strip.createImageData(columns, 1);
    const pixels = new Uint32Array(image.data.buffer);
    for (let column = 0; column < columns; column++) {
      let fewest = Infinity;
      const end = firstPieceOf(column + 1, this.#layout);
      for (let piece = firstPieceOf(column, this.#layout); piece < end; piece++) {
        fewest = Math.min(fewest, census.holdersOf(piece));
      }
      const shade = this.#shades[Math.ceil((fewest / Math.max(1, machines)) * SHADES)] ?? 0;
      pixels[column] = fewest === 0 ? this.#alarm : shade;
    }
    this.#strip.putImageData(image, 0, 0);
  }
}

/** A colour as a pixel of a canvas in memory, which every machine with a browser reads lowest byte first. */
function packed([red, green, blue]: Colour): number {
  return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
}
