import type { Runtime } from '@signalbox/core';
import type { Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, expect } from 'vitest';
import { builtDashboard } from './built-dashboard.ts';
import { type Browser, findChromium, openBrowser, STEP_MS } from './chromium.ts';
import { DashboardServer } from './dashboard-server.ts';

/** Building the dashboard and starting a server of its own take their time on a busy machine. */
const SETUP_MS = 240_000;

/** What the tests of one file share: a server, a browser, and a page that must not complain. */
export interface BrowserSuite {
  readonly server: DashboardServer;
  readonly page: Page;
  /** Complaints of the page that a test provokes on purpose: they are not held against it. */
  expectComplaints(pattern: RegExp): void;
}

export interface BrowserSuiteOptions {
  /** Gives the database of the server; by default it has one of its own. */
  databaseUrl?: () => Promise<string | null>;
  /** What sessions run on; by default what the server has. */
  runtimes?: readonly Runtime[];
  /** Further settings of the server, as environment variables. */
  settings?: Readonly<Record<string, string>>;
}

/** Looks again until it is as expected: pages change when they are ready. */
export function eventually<Value>(look: () => Value | Promise<Value>) {
  return expect.poll(look, { timeout: STEP_MS });
}

/** Whether tests in a browser can run here. Says so, or throws where they must. */
export const chromium = findChromium();

/**
 * Starts the server and the browser around the tests of a file. After each test, errors on the page's console fail it:
 * they are defects that a person does not see at once.
 *
 * @param prepare fills the server.
 */
export function browserSuite(
  prepare: (server: DashboardServer) => Promise<void>,
  { databaseUrl, runtimes, settings = {} }: BrowserSuiteOptions = {},
): BrowserSuite {
  let server: DashboardServer | undefined;
  let browser: Browser | undefined;
  let page: Page | undefined;
  const complaints: string[] = [];
  let expected: RegExp | null = null;

  beforeAll(async () => {
    if (chromium === null) return;
    server = await DashboardServer.start(await builtDashboard(), {
      databaseUrl: (await databaseUrl?.()) ?? null,
      runtimes,
      settings,
    });
    await prepare(server);
    browser = await openBrowser(chromium);
    page = browser.context.pages()[0] ?? (await browser.context.newPage());
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') complaints.push(message.text());
    });
  }, SETUP_MS);

  afterEach(() => {
    const unexpected = complaints.splice(0).filter((text) => expected === null || !expected.test(text));
    expected = null;
    if (unexpected.length > 0) throw new Error(`The page complained: ${unexpected.join('\n')}`);
  });

  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  return {
    get server() {
      if (server === undefined) throw new Error('the server has not been started');
      return server;
    },
    get page() {
      if (page === undefined) throw new Error('the browser has not been started');
      return page;
    },
    expectComplaints: (pattern) => {
      expected = pattern;
    },
  };
}
