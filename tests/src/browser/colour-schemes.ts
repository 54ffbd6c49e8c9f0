import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { eventually } from './browser-suite.ts';
import { auditPage } from './page-audit.ts';
import { keepScreenshot } from './screenshots.ts';

const SCHEMES = ['light', 'dark'] as const;

/** Looks for barriers in what the page shows just now, in light and in dark colours. `name` is that of the pictures. */
export async function expectNoBarriers(page: Page, name: string): Promise<void> {
  // What the mouse was over last has colours of its own.
  await page.mouse.move(0, 0);
  for (const scheme of SCHEMES) {
    await page.emulateMedia({ colorScheme: scheme, reducedMotion: 'reduce' });
    await eventually(() => page.evaluate(() => document.documentElement.dataset.mantineColorScheme)).toBe(scheme);
    // Colours on their way from one scheme to the other are nobody's.
    await page.evaluate(async () => {
      const transitions = document.getAnimations().filter((animation) => animation instanceof CSSTransition);
      await Promise.allSettled(transitions.map(({ finished }) => finished));
    });
    await keepScreenshot(page, `${name}-${scheme}`);
    expect(await auditPage(page), `${name} in ${scheme}`).toEqual([]);
  }
}
