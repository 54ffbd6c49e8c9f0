import { describe, expect, it } from 'vitest';
import { browserSuite, chromium } from './browser-suite.ts';
import { message, started } from './sample-fleet.ts';

/** What is promised: an event is on the screen this long after its commit. */
const PROMISED_MS = 200;
/** Guarded with ten times that, for machines that do other things too; the figures are printed. */
const GUARD_MS = PROMISED_MS * 10;
const EVENTS = 40;

describe.skipIf(chromium === null)('time from commit to screen', () => {
  const suite = browserSuite(() => Promise.resolve());

  it('shows a running session’s events as they are committed', { timeout: 60_000 }, async () => {
    const client = suite.server.client();
    const session = await started(client, { title: 'Watched live' });
    await suite.page.goto(`${suite.server.url}/sessions/${session.id}`);
    await suite.page.getByText('Live', { exact: true }).waitFor();
    await client.journal.append(session.id, [message('assistant', 'first', 'probe-first')]);
    await suite.page.getByText('probe-first').waitFor();

    // Browser and server share the machine and so its clock. What counts is the frame after the text was drawn.
    await suite.page.evaluate(() => {
      const seen: Record<string, number> = {};
      Object.assign(window, { seen });
      new MutationObserver(() => {
        for (const [probe] of document.body.textContent.matchAll(/probe-\d+/g)) {
          if (probe in seen) continue;
          seen[probe] = 0;
          requestAnimationFrame(() => {
            seen[probe] = Date.now();
          });
        }
      }).observe(document.body, { subtree: true, childList: true, characterData: true });
    });
    for (let number = 0; number < EVENTS; number++) {
      await client.journal.append(session.id, [message('assistant', `p${number}`, `probe-${number}`)]);
      await suite.page.waitForTimeout(50);
    }
    const last = `probe-${EVENTS - 1}`;
    await suite.page.waitForFunction((probe) => (window as unknown as Seen).seen[probe], last, { timeout: 20_000 });
    const seen = await suite.page.evaluate(() => (window as unknown as Seen).seen);

    const { items } = await client.journal.read(session.id, { pageSize: 1000 });
    const delays = items
      .flatMap(({ payload, recordedAt }) => {
        const at = seen[(payload as { text: string }).text];
        return at === undefined || at === 0 ? [] : [at - Date.parse(recordedAt)];
      })
      .sort((a, b) => a - b);
    const at = (share: number) => delays[Math.min(delays.length - 1, Math.floor(delays.length * share))];
    console.log(
      `from commit to screen, ${delays.length} events: median ${at(0.5)} ms, 95 % within ${at(0.95)} ms, slowest ${at(1)} ms (promised: ${PROMISED_MS} ms)`,
    );
    expect(delays).toHaveLength(EVENTS);
    expect(at(0.95)).toBeLessThan(GUARD_MS);
  });
});

interface Seen {
  seen: Record<string, number>;
}
