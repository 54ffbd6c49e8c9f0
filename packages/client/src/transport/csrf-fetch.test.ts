import { afterEach, expect, it } from 'vitest';
import { createClient } from '../client.ts';
import { json, problem, type ScriptedServer, scriptedServer } from '../testing/scripted-server.ts';

let server: ScriptedServer | undefined;
afterEach(() => server?.close());

const asked = () => server?.requests.map(({ method, url, headers }) => [method, url, headers['x-signalbox-csrf']]);

it('whatever changes something carries the token of the sign-in, asked for once, and anew where another one is needed', async () => {
  server = await scriptedServer(
    json(200, { items: [] }),
    json(200, { csrfToken: 'first' }),
    json(201, { id: 'k1' }),
    problem(403, 'CSRF_TOKEN_INVALID', 'another sign-in'),
    json(200, { csrfToken: 'second' }),
    json(201, { id: 'k2' }),
    problem(403, 'FORBIDDEN', 'not your role'),
  );
  const client = createClient({ baseUrl: server.url, byCookie: true });
  await client.keys.list();
  expect(await client.keys.create({ name: 'one' })).toEqual({ id: 'k1' });
  expect(await client.keys.create({ name: 'two' })).toEqual({ id: 'k2' });
  await expect(client.keys.create({ name: 'three' })).rejects.toMatchObject({ code: 'FORBIDDEN' });
  const [identity, made] = ['/api/v1/identity', '/api/v1/keys'];
  expect(asked()).toEqual([
    ['GET', made, undefined],
    ['GET', identity, undefined],
    ['POST', made, 'first'],
    ['POST', made, 'first'],
    ['GET', identity, undefined],
    ['POST', made, 'second'],
    ['POST', made, 'second'],
  ]);
});

it('where nobody is signed in nothing is sent along, and a key goes without', async () => {
  server = await scriptedServer(json(200, { csrfToken: null }), json(201, {}), json(201, {}));
  await createClient({ baseUrl: server.url, byCookie: true }).keys.create({ name: 'one' });
  await createClient({ baseUrl: server.url, byCookie: true, token: 'sbx_x' }).keys.create({ name: 'two' });
  expect(asked()?.map(([method, , token]) => [method, token])).toEqual([
    ['GET', undefined],
    ['POST', undefined],
    ['POST', undefined],
  ]);
});
