import { describe, expect, it } from 'vitest';
import { browserSuite, chromium, eventually } from './browser-suite.ts';
import { event, makeSampleFleet, message, type SampleFleet, started } from './sample-fleet.ts';

/** Restarting the server, database and all. */
const RESTART_MS = 90_000;

describe.skipIf(chromium === null)('the dashboard in a browser', () => {
  let fleet: SampleFleet;
  const suite = browserSuite(async (server) => {
    fleet = await makeSampleFleet(server.client());
  });
  const open = (path: string) => suite.page.goto(suite.server.url + path);
  const rowTitles = () => suite.page.locator('[role="row"] [data-column="title"] a').allTextContents();

  it('shows the fleet at a glance, and each status leads to its list', async () => {
    await open('/');
    const running = suite.page.getByRole('link', { name: '3 Running' });
    await running.waitFor();
    await suite.page.getByRole('region', { name: 'Needs a look' }).getByText(fleet.failed.title).waitFor();
    await suite.page.getByText('Live', { exact: true }).waitFor();
    await running.click();
    await suite.page.waitForURL('**/sessions?status=running');
  });

  it('narrows the list by what stands in the address, and writes it there', async () => {
    await open('/sessions?status=failed,paused&sort=title');
    await suite.page.getByRole('row', { name: fleet.paused.title }).waitFor();
    expect(await rowTitles()).toEqual([fleet.paused.title, fleet.failed.title]);

    await open('/sessions');
    await suite.page.getByLabel('Search', { exact: true }).fill('invoices');
    await suite.page.waitForURL('**/sessions?q=invoices');
    await eventually(rowTitles).toEqual([fleet.rich.title]);
    await suite.page.reload();
    await eventually(rowTitles).toEqual([fleet.rich.title]);
    expect(await suite.page.getByLabel('Search', { exact: true }).inputValue()).toBe('invoices');

    await open('/sessions?tag=billing&priority=2');
    await eventually(rowTitles).toEqual([fleet.rich.title]);
    await open('/sessions?tag=none-such');
    await suite.page.getByText('No session fits these filters').waitFor();
  });

  it('orders the list by a column, in the address and on the server', async () => {
    await open('/sessions');
    await suite.page.getByRole('row', { name: fleet.rich.title }).waitFor();
    await suite.page.getByRole('button', { name: 'Session', exact: true }).click();
    await suite.page.waitForURL('**/sessions?sort=-title');
    await eventually(async () => (await rowTitles())[0]).toBe(fleet.failed.title);
    await suite.page.getByRole('button', { name: 'Session', exact: true }).click();
    await suite.page.waitForURL('**/sessions?sort=title');
    await eventually(async () => (await rowTitles())[0]).toBe(fleet.child.title);
  });

  it('shows new sessions and changed ones in the list without a reload', async () => {
    await open('/sessions');
    await suite.page.getByText('Live', { exact: true }).waitFor();
    await suite.page.getByRole('row', { name: fleet.rich.title }).waitFor();
    const session = await started(suite.server.client(), { title: 'Came while somebody looked' });
    const row = suite.page.getByRole('row', { name: session.title });
    await row.getByText('Running').waitFor();
    await suite.server.client().sessions.fail(session.id, { error: 'on purpose' });
    await row.getByText('Failed').waitFor();
  });

  it('can be used with the keyboard alone', async () => {
    await open('/sessions?sort=title&status=running,paused');
    await suite.page.getByRole('row', { name: fleet.paused.title }).waitFor();
    const titles = await rowTitles();
    await suite.page.keyboard.press('j');
    await suite.page.keyboard.press('j');
    const focused = () => suite.page.evaluate(() => document.activeElement?.getAttribute('data-index'));
    await eventually(focused).toBe('1');
    await suite.page.keyboard.press('x');
    await suite.page.getByText('1 selected').waitFor();
    await suite.page.keyboard.press('Escape');
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('heading', { level: 1, name: titles[1] ?? '' }).waitFor();
    await suite.page.keyboard.press('2');
    await suite.page.waitForURL('**?tab=files');
    await suite.page.keyboard.press('g');
    await suite.page.keyboard.press('y');
    await suite.page.getByRole('heading', { level: 1, name: 'System' }).waitFor();
    await suite.page.keyboard.press('?');
    await suite.page.getByRole('dialog', { name: 'Keyboard' }).waitFor();
    await suite.page.keyboard.press('Escape');
    await suite.page.keyboard.press('Control+k');
    await suite.page.getByRole('textbox', { name: 'Search for views, sessions and actions' }).fill('rounding');
    await suite.page.getByRole('button', { name: fleet.rich.title }).waitFor();
    await suite.page.keyboard.press('Enter');
    await suite.page.getByRole('heading', { level: 1, name: fleet.rich.title }).waitFor();
  });

  it('pairs tool calls with their results and shows what they changed', async () => {
    await open(`/sessions/${fleet.rich.id}`);
    const call = suite.page.getByRole('article', { name: 'Tool bash' });
    await call.getByText('failed').waitFor();
    await call.getByRole('button', { expanded: false }).first().click();
    await call.getByText('"description": "Runs the tests"').waitFor();
    await call.getByText('exit 1').waitFor();
    await open(`/sessions/${fleet.rich.id}?tab=files`);
    await suite.page.getByText('return Math.round(sum);').waitFor();
    await suite.page.getByRole('button', { name: /invoice\.test\.ts/ }).click();
    await suite.page.getByText('test("cents"').waitFor();
    await suite.page.getByRole('link', { name: 'Checkpoints' }).click();
    await suite.page.getByRole('button', { name: /Checkpoint 1/ }).click();
    await suite.page.getByText('"tests written"').waitFor();
    await suite.page.getByRole('link', { name: 'Tree' }).click();
    await suite.page.getByRole('link', { name: fleet.child.title }).waitFor();
  });

  it('says at once why a session failed', async () => {
    await open(`/sessions/${fleet.failed.id}`);
    await suite.page.getByText('Two tests still fail after the upgrade').first().waitFor();
  });

  it('keeps to the kinds of events that the address names', async () => {
    await open(`/sessions/${fleet.rich.id}?types=errors`);
    await suite.page.getByText('npm test ended with 1').waitFor();
    expect(await suite.page.getByRole('article').count()).toBe(1);
    await suite.server
      .client()
      .journal.append(fleet.rich.id, [
        event('output', { stream: 'stdout', text: 'not an error' }),
        event('error', { name: 'Second', message: 'the second error', retryable: false }),
      ]);
    await suite.page.getByText('the second error').waitFor();
    expect(await suite.page.getByRole('article').count()).toBe(2);
  });

  it('follows the end of the timeline, and leaves a reader elsewhere alone', async () => {
    const client = suite.server.client();
    const session = await started(client, { title: 'Talks a lot' });
    for (let batch = 0; batch < 4; batch++) {
      await client.journal.append(
        session.id,
        Array.from({ length: 200 }, (_, index) => {
          const number = batch * 200 + index;
          return message('assistant', `m${number}`, `Sentence ${number}`);
        }),
      );
    }
    await open(`/sessions/${session.id}`);
    const timeline = suite.page.getByRole('log');
    await timeline.getByText('Sentence 799', { exact: true }).waitFor();
    expect(await timeline.getByText('Sentence 0', { exact: true }).count()).toBe(0);
    await client.journal.append(session.id, [message('assistant', 'last', 'Followed to the end')]);
    await timeline.getByText('Followed to the end').waitFor();
    await eventually(() => timeline.getByText('Followed to the end').isVisible()).toBe(true);

    await timeline.evaluate((element) => element.scrollBy(0, -4000));
    await suite.page.getByRole('button', { name: 'Jump to live' }).waitFor();
    const reading = () =>
      timeline.evaluate((element) => {
        const top = element.getBoundingClientRect().top;
        const item = [...element.querySelectorAll('article')].find((each) => each.getBoundingClientRect().top >= top);
        return { text: item?.textContent, at: Math.round((item?.getBoundingClientRect().top ?? 0) - top) };
      });
    await eventually(async () => (await reading()).text).toMatch(/Sentence/);
    const before = await reading();
    await client.journal.append(session.id, [message('assistant', 'unseen', 'Came below')]);
    await eventually(() => suite.page.getByText(/8\d\d entries|the latest/).count()).toBe(1);
    await suite.page.waitForTimeout(500);
    expect(await reading()).toEqual(before);

    // All the way up: earlier pages come by themselves, the first event is there in the end.
    await eventually(async () => {
      await timeline.evaluate((element) => element.scrollTo(0, 0));
      return timeline.getByText('Sentence 0', { exact: true }).count();
    }).toBe(1);
    await suite.page.getByRole('button', { name: 'Jump to live' }).click();
    await timeline.getByText('Came below').waitFor();
  });

  it('cancels after a question, and not without', async () => {
    const client = suite.server.client();
    const session = await started(client, { title: 'To be cancelled by a person' });
    await open(`/sessions/${session.id}`);
    await suite.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    const dialog = suite.page.getByRole('dialog', { name: 'Cancel this session?' });
    await dialog.getByRole('button', { name: 'Go back' }).click();
    await dialog.waitFor({ state: 'hidden' });
    expect((await client.sessions.get(session.id)).status).toBe('running');
    await suite.page.getByRole('button', { name: 'Cancel', exact: true }).click();
    await dialog.getByRole('button', { name: 'Cancel session' }).click();
    await suite.page.locator('header').getByText('Cancelled', { exact: true }).waitFor();
    expect((await client.sessions.get(session.id)).status).toBe('cancelled');
    expect(await suite.page.getByRole('button', { name: 'Cancel', exact: true }).count()).toBe(0);
  });

  it('says what was wrong when the session was changed by somebody else first', async () => {
    suite.expectComplaints(/412/);
    const client = suite.server.client();
    const session = await started(client, { title: 'Two people look at this' });
    // The page is held at what it has seen: the stream and the readings are cut off.
    await open(`/sessions/${session.id}`);
    await suite.page.getByRole('button', { name: 'Pause', exact: true }).waitFor();
    await suite.page.route(`**/sessions/${session.id}`, (route) => route.abort());
    await suite.page.route('**/api/v1/events**', (route) => route.abort());
    await suite.page.getByRole('button', { name: 'Pause', exact: true }).click();
    await client.sessions.update(session.id, session.version, { priority: 0 });
    await suite.page.getByRole('button', { name: 'Pause session' }).click();
    await suite.page.getByText('It was changed meanwhile').waitFor();
    await suite.page.unroute(`**/sessions/${session.id}`);
    await suite.page.unroute('**/api/v1/events**');
    expect((await client.sessions.get(session.id)).status).toBe('running');
    suite.expectComplaints(/412|ERR_FAILED/);
  });

  it('cancels and retries several at once, and names what was left as it was', async () => {
    const client = suite.server.client();
    const one = await started(client, { title: 'Bulk one', tags: ['bulk'] });
    await started(client, { title: 'Bulk two', tags: ['bulk'] });
    const done = await started(client, { title: 'Bulk done', tags: ['bulk'] });
    await client.sessions.complete(done.id, { result: {} });
    await open('/sessions?tag=bulk');
    await suite.page.getByRole('row', { name: one.title }).waitFor();
    await suite.page.getByLabel('Select the sessions in view').check();
    await suite.page.getByText('3 selected').waitFor();
    await suite.page.getByRole('button', { name: 'Cancel sessions' }).click();
    await suite.page.getByRole('button', { name: 'Cancel 3 sessions' }).click();
    await suite.page.getByText('2 cancelled, 1 left as they were.').waitFor();
    await eventually(async () =>
      (await client.sessions.list({ 'tags.json_contains': '["bulk"]' })).items.map(({ status }) => status).sort(),
    ).toEqual(['cancelled', 'cancelled', 'completed']);
  });

  it('makes a session from the dialog and shows it run', async () => {
    await open('/');
    await suite.page.getByText('Live', { exact: true }).waitFor();
    await suite.page.keyboard.press('n');
    const dialog = suite.page.getByRole('dialog', { name: 'New session' });
    await dialog.getByRole('button', { name: 'Create and start' }).click();
    await dialog.getByText('Say in a few words what is to be done.').waitFor();
    await dialog.getByLabel('Title').fill('Say hello from the browser');
    await dialog.getByLabel('Workspace').fill(suite.server.workspace);
    await dialog.getByLabel('Command').fill(`sh -c 'echo "hello from $PWD"'`);
    await dialog.getByRole('button', { name: 'Create and start' }).click();
    await suite.page.getByRole('heading', { level: 1, name: 'Say hello from the browser' }).waitFor();
    await suite.page
      .getByRole('log')
      .getByText(/hello from \//)
      .waitFor();
    await suite.page.locator('header').getByText('Completed', { exact: true }).waitFor();
  });

  it('tells whether sessions and the code graph answer', async () => {
    await open('/system');
    const bridge = suite.page.getByRole('listitem').filter({ hasText: 'session bridge' });
    await eventually(() => bridge.textContent()).toMatch(/ok\s*sessions: ok · code graph: ok/);
    const json = { healthy: false, bridge: true, sessionManager: true, knowledgeGraph: 'failed' };
    await suite.page.route('**/api/v1/system/bridge', (route) => route.fulfill({ json }));
    await suite.page.reload();
    await eventually(() => bridge.textContent()).toMatch(/in part\s*sessions: ok · code graph: does not answer/);
    await suite.page.unroute('**/api/v1/system/bridge');
  });

  it('survives a restart of the server by itself', { timeout: RESTART_MS }, async () => {
    suite.expectComplaints(/ERR_|Failed to load resource|50[0-9]/);
    const session = await started(suite.server.client(), { title: 'Outlives the server' });
    await open(`/sessions/${session.id}`);
    await suite.page.getByText('Live', { exact: true }).waitFor();
    await suite.server.stop();
    await suite.page.getByText(/Reconnecting|Server away/).waitFor();
    await suite.server.start();
    await suite.page.getByText('Live', { exact: true }).waitFor({ timeout: 20_000 });
    await suite.server.client().journal.append(session.id, [message('assistant', 'after', 'Said after the restart')]);
    await suite.page.getByText('Said after the restart').waitFor();
  });

  it('asks the page for nothing from elsewhere', async () => {
    const hosts = new Set<string>();
    const note = (request: { url(): string }) => hosts.add(new URL(request.url()).origin);
    suite.page.on('request', note);
    for (const path of ['/', '/sessions', `/sessions/${fleet.rich.id}`, '/audit', '/system']) {
      await open(path);
      await suite.page.getByText('Live', { exact: true }).waitFor();
    }
    suite.page.off('request', note);
    expect([...hosts]).toEqual([suite.server.url]);
  });
});
