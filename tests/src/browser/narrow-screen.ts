import type { Page } from 'playwright-core';
import { expect } from 'vitest';
import { STEP_MS } from './chromium.ts';
import { keepScreenshot } from './screenshots.ts';

const NARROW = 760;

/** Makes the screen narrow for a while: what the page shows just now must not be wider than it. */
export async function expectToFit(page: Page, name: string): Promise<void> {
  const usual = page.viewportSize();
  await page.setViewportSize({ width: NARROW, height: 900 });
  const width = () => page.evaluate(() => document.documentElement.scrollWidth);
  await expect
    .poll(width, { timeout: STEP_MS, message: `${name} is wider than the screen` })
    .toBeLessThanOrEqual(NARROW);
  await keepScreenshot(page, `narrow-${name}`);
  if (usual !== null) await page.setViewportSize(usual);
}
