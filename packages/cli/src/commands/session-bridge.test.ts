import { type AppendEvent, type Client, createClient } from '@signalbox/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type ServedCli, serveCli } from '../testing/index.ts';

/** A server that starts on a busy machine. */
const START_MS = 300_000;
const TAX = 'file:shop/tax.ts';
const CART = 'file:shop/cart.ts';

let server: ServedCli;
let client: Client;
beforeAll(async () => {
  server = await serveCli();
  client = createClient({ baseUrl: server.url });
}, START_MS);
afterAll(() => server?.stop());

it('shows what sessions did to the code: where they broke it, who did it, and what whoever joins has to know', {
  timeout: START_MS,
}, async () => {
  const { id } = await client.sessions.create({ title: 'Rounds', initialPrompt: 'Round.', agentIds: ['ann', 'ben'] });
  const changed = (actor: string, entityId: string, perfDelta: number): AppendEvent => ({
    ...{ type: 'modified', actor, impact: { severity: 'high', perfDelta } },
    changeInfo: { elementType: 'function', entityIds: [entityId], operation: 'modified' },
  });
  await client.journal.append(id, [changed('ann', TAX, -7), changed('ben', CART, -3)]);

  const transitions = await server.cli(['sessions', 'transitions', id]);
  expect(transitions.stdout).toMatch(/modified +severity, performance +ann +file:shop\/tax\.ts/);
  expect(transitions.stdout).toContain(CART);
  expect(transitions.stderr).not.toContain('These are the last');
  const ofTax = await server.cli(['sessions', 'transitions', id, '--entity', TAX]);
  expect(ofTax.stdout).toContain(TAX);
  expect(ofTax.stdout).not.toContain(CART);

  expect((await server.cli(['sessions', 'isolate', id, 'ben'])).stdout).toContain('1 events, performance -3.');
  const joining = await server.cli(['sessions', 'joining', id, 'cleo']);
  expect(joining.stdout).toContain(TAX);
  expect(joining.stdout).toContain(CART);
  expect((await server.cli(['sessions', 'joining', id])).code).toBe(2);

  const touched = await server.cli(['graph', 'touched-by', TAX]);
  expect(touched.stdout).toMatch(new RegExp(`${id} +\\S+ +\\S+ +1 +ann, ben`));
  expect((await server.cli(['graph', 'touched-by', TAX, '--agent', 'cleo'])).stdout).not.toContain(id);
});

it('says where it shows the last of very many changes alone', { timeout: START_MS }, async () => {
  const { id } = await client.sessions.create({ title: 'Often', initialPrompt: 'Do it often.', agentIds: ['ann'] });
  const event: AppendEvent = {
    ...{ type: 'modified', actor: 'ann', impact: { severity: 'high' } },
    changeInfo: { elementType: 'function', entityIds: ['file:often.ts'], operation: 'modified' },
  };
  for (let n = 0; n < 6; n += 1)
    await client.journal.append(
      id,
      Array.from({ length: 90 }, () => event),
    );
  expect((await server.cli(['sessions', 'transitions', id])).stderr).toContain('These are the last 500 of 540.');
});
