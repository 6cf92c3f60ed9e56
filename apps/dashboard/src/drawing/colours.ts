/** A colour of the style sheets as a canvas takes it. */
export type Colour = readonly [red: number, green: number, blue: number];

/** What a custom property such as `--accent` is at this moment, in the theme that holds. */
export function colourOf(property: string): Colour {
  const probe = document.createElement('span');
  probe.style.color = `var(${property})`;
  document.body.append(probe);
  const [red = 0, green = 0, blue = 0] = (getComputedStyle(probe).color.match(/[\d.]+/g) ?? []).map(Number);
  probe.remove();
  return [red, green, blue];
}

export function cssOf([red, green, blue]: Colour, alpha = 1): string {
  return `rgb(${String(red)} ${String(green)} ${String(blue)} / ${String(alpha)})`;
}

/** Between two colours; `part` in [0, 1]. */
export function mix(from: Colour, to: Colour, part: number): Colour {
  const between = (at: 0 | 1 | 2): number => Math.round(from[at] + (to[at] - from[at]) * part);
  return [between(0), between(1), between(2)];
}
