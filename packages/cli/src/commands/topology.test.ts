import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient } from '@signalbox/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;

const COMPOSE = `services:
  web: { image: web, depends_on: [cart], labels: { signalbox.dev/criticality: critical } }
  cart: { build: ./services/cart }
`;
const BOMB = `a: &a [x, x]\nb: &b [*a, *a]\n${Array.from({ length: 30 }, (_, n) => `c${n}: &c${n} [${n === 0 ? '*b, *b' : `*c${n - 1}, *c${n - 1}`}]`).join('\n')}`;

let server: ServedCli;
let directory: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'signalbox-topology-'));
  server = await serveCli({});
}, START_MS);
afterAll(async () => {
  await server?.stop();
  await rm(directory, { recursive: true, force: true });
});

const topology = (...words: string[]) => server.cli(['topology', ...words]);
const ingest = async (name: string, text: string, format: string) => {
  await writeFile(join(directory, name), text);
  return topology('ingest', join(directory, name), '--format', format);
};

describe('the service map on the command line', () => {
  it('is ingested, shown, walked, and looked through for cycles and what is stale', { timeout: START_MS }, async () => {
    expect((await topology('show')).stdout).toContain('0 services, 0 dependencies.');
    const taken = await ingest('compose.yaml', COMPOSE, 'compose');
    expect(taken.stdout).toContain('Services: 2 added');
    expect(taken.stdout).toContain('Code rules: 1 added');
    const back = JSON.stringify({ dependencies: [{ source: 'cart', target: 'web' }] });
    expect((await ingest('more.json', back, 'services')).stdout).toContain('Cycles: 1 new');
    expect((await ingest('more.json', back, 'services')).stdout).not.toContain('Cycles');
    expect((await topology('show')).stdout).toMatch(/web +cart/);
    const walked = await topology('show', 'web', '--depth', '1', '--json');
    expect(JSON.parse(walked.stdout)).toMatchObject({ services: [{ service: { key: 'cart' }, direction: 'both' }] });
    expect(await topology('show', 'nobody')).toMatchObject({ code: 3, stderr: expect.stringContaining('nobody') });

    const [alert] = JSON.parse((await topology('cycles', '--status', 'open', '--json')).stdout).items;
    expect(alert.path).toEqual(['cart', 'web']);
    expect((await topology('acknowledge', alert.id)).stdout).toContain('Acknowledged cart -> web.');
    expect((await topology('acknowledge', alert.id)).code).not.toBe(0);
    expect((await topology('resolve', alert.id, '--notes', 'soon')).stdout).toContain('Resolved cart -> web.');

    expect((await topology('reach', 'services/cart/index.ts')).stdout).toContain('The reach is critical.');
    expect((await topology('reach', 'README.md')).stdout).toContain('No service is known');
    expect((await topology('reach')).stderr).toContain('Give either paths or --session.');
    const client = createClient({ baseUrl: server.url });
    const session = await client.sessions.create({ title: 'Looks', initialPrompt: 'Look.' });
    expect((await topology('reach', '--session', session.id)).stdout).toContain('Nothing is changed yet.');

    expect((await topology('stale')).stdout + (await topology('stale')).stderr).toContain('Nothing is stale.');
    expect((await topology('stale', '--before', '2999-01-01T00:00:00Z')).stdout).toContain(
      '2 dependencies are stale now.',
    );
    expect((await topology('stale')).stdout).toMatch(/cart +web/);
  });

  it('takes nothing of a file that is not as it should be, and says why', { timeout: START_MS }, async () => {
    const before = (await topology('show', '--stale', '--json')).stdout;
    for (const [name, text, format, why] of [
      ['half.json', '{"services": [', 'services', 'is not JSON'],
      ['bomb.yaml', BOMB, 'kubernetes', 'alias'],
      ['dangling.yaml', 'services: { new: {}, a: { depends_on: [nobody] } }', 'compose', 'nobody'],
      ['spans.json', '{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": 1}]}]}]}', 'traces', 'traceId'],
      ['unknown.json', '{"service": []}', 'services', 'service'],
    ] as const) {
      const refused = await ingest(name, text, format);
      expect([name, refused.code === 0]).toEqual([name, false]);
      expect(refused.stderr).toContain(why);
    }
    expect((await topology('show', '--stale', '--json')).stdout).toBe(before);
  });
});
