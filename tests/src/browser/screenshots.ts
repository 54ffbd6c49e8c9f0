import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Page } from 'playwright-core';

const DIRECTORY = fileURLToPath(new URL('../../screenshots', import.meta.url));

/** Keeps a picture of the page where somebody wants to look at them (`SIGNALBOX_TEST_SCREENSHOTS=1`); nothing is compared with it. */
export async function keepScreenshot(page: Page, name: string): Promise<void> {
  if (process.env.SIGNALBOX_TEST_SCREENSHOTS !== '1') return;
  await mkdir(DIRECTORY, { recursive: true });
  await page.screenshot({ path: join(DIRECTORY, `${name}.png`), animations: 'disabled' });
}
