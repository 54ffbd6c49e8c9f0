import type { Locator } from 'playwright-core';

/** How a list behaved while somebody scrolled through it. */
export interface Scrolling {
  /** Milliseconds between frames, that of which `share` of them took less. */
  frameMs(share: number): number;
  /** Most rows that existed at once. */
  drawn: number;
  /** How far it came, in pixels. */
  reached: number;
}

/** Scrolls a list down, a screen each frame, for six seconds. */
export async function scrollDown(grid: Locator): Promise<Scrolling> {
  const { gaps, drawn, reached } = await grid.evaluate(async (element) => {
    const gaps: number[] = [];
    let drawn = 0;
    let last = performance.now();
    const end = last + 6000;
    while (last < end) {
      element.scrollBy(0, 600);
      const now = await new Promise<number>((resolve) => requestAnimationFrame(resolve));
      gaps.push(now - last);
      drawn = Math.max(drawn, element.querySelectorAll('[role="row"]').length);
      last = now;
    }
    return { gaps: gaps.sort((a, b) => a - b), drawn, reached: Math.round(element.scrollTop) };
  });
  return { frameMs: (share) => Math.round(gaps[Math.floor((gaps.length - 1) * share)] ?? 0), drawn, reached };
}

/** What it measured, for people to read. */
export function scrollingText(rows: number, { frameMs, drawn, reached }: Scrolling): string {
  return `scrolling ${rows} rows, ${reached} px in 6 s: frames of ${frameMs(0.5)} ms (median), ${frameMs(0.95)} ms (95 %), ${frameMs(1)} ms (longest), at most ${drawn} rows drawn`;
}

/** The rows in view with their places, first ones first: what must not move under a reader. */
export function rowsInView(grid: Locator, attribute: string): Promise<[id: string, top: number][]> {
  return grid.evaluate((element, name) => {
    const top = element.getBoundingClientRect().top + 40;
    return [...element.querySelectorAll(`[${name}]`)]
      .filter((row) => row.getBoundingClientRect().top >= top)
      .slice(0, 10)
      .map((row): [string, number] => [row.getAttribute(name) ?? '', Math.round(row.getBoundingClientRect().top)]);
  }, attribute);
}
