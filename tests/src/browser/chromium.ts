import { accessSync, constants } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type BrowserContext, chromium } from 'playwright-core';

/** Where Debian and its kin put it; `SIGNALBOX_TEST_CHROMIUM` names another. */
const PLACES = [process.env.SIGNALBOX_TEST_CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser'];

const FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/** How long one step may take on a machine that does other things too. */
export const STEP_MS = 20_000;

/** Why tests in a browser are skipped. */
export const NO_CHROMIUM = 'Chromium is not installed; `apt-get install chromium` installs it';

/**
 * The browser's program, or null where there is none and its tests are to be skipped. Where every part is required
 * (`SIGNALBOX_REQUIRE_ALL=1`), a missing one is an error.
 */
export function findChromium(): string | null {
  const program = PLACES.find((path) => path !== undefined && isExecutable(path));
  if (program !== undefined) return program;
  if (process.env.SIGNALBOX_REQUIRE_ALL === '1') throw new Error(`Tests in a browser cannot run: ${NO_CHROMIUM}.`);
  console.warn(`SKIPPED the tests in a browser: ${NO_CHROMIUM}.`);
  return null;
}

/** A browser with a profile of its own, both gone after `close`. */
export interface Browser {
  context: BrowserContext;
  close(): Promise<void>;
}

export async function openBrowser(program: string): Promise<Browser> {
  const profile = await mkdtemp(join(tmpdir(), 'signalbox-chromium-'));
  const context = await chromium.launchPersistentContext(profile, {
    executablePath: program,
    args: FLAGS,
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
  });
  context.setDefaultTimeout(STEP_MS);
  return {
    context,
    close: async () => {
      await context.close();
      await rm(profile, { recursive: true, force: true });
    },
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
