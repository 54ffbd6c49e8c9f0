import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { systemClock } from '../../platform/clock/clock.ts';
import { ManualClock } from '../../platform/clock/manual-clock.ts';
import { githubProvider } from './github-provider.ts';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** The address of a server that answers so. */
async function served(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const providerAt = (baseUrl: string, clock = systemClock) => githubProvider({ baseUrl, token: 'secret', clock, fetch });

/** Opens a pull request at a server. */
function openAt(baseUrl: string, clock = systemClock): Promise<unknown> {
  const remoteAddress = `${baseUrl}/acme/tax.git`;
  return providerAt(baseUrl, clock).open({ remoteAddress, branch: 'fix', title: 'Fix', body: '', labels: [] });
}

test('whose a repository is follows from the host of its address, in each form that git takes', () => {
  const github = providerAt('https://api.github.com');
  for (const address of [
    ...['https://github.com/acme/tax', 'https://github.com/acme/tax.git', 'https://ann@GitHub.com/acme/tax.js/'],
    ...['git@github.com:acme/tax.git', 'ssh://git@github.com/acme/tax.git'],
  ])
    expect([address, github.has(address)]).toEqual([address, true]);
  for (const address of [
    ...['https://gitlab.com/acme/tax.git', 'https://api.github.com/acme/tax.git', 'https://notgithub.com/acme/tax'],
    ...['git@gitlab.com:github.com/tax.git', 'https://github.com/acme', '/srv/github.com/acme/tax.git', '../tax'],
  ])
    expect([address, github.has(address)]).toEqual([address, false]);
  const own = providerAt('https://git.example.com/api/v3');
  expect(own.has('git@git.example.com:acme/tax.git')).toBe(true);
  expect(own.has('git@github.com:acme/tax.git')).toBe(false);
});

test.each([
  [403, {}, false],
  [403, { 'x-ratelimit-remaining': '0' }, true],
  [408, {}, true],
  [422, {}, false],
  [429, {}, true],
  [500, {}, true],
])('KG-309: of an answer %i with %o it may be asked again: %s', async (status, headers, mayPass) => {
  const said = JSON.stringify({ message: 'No', errors: [{ message: 'not a branch' }] });
  const url = await served((_request, response) => response.writeHead(status, headers).end(said));
  await expect(openAt(url)).rejects.toMatchObject({
    ...{ name: 'ProviderFailure', code: String(status), mayPass },
    message: `it answered ${status} (No; not a branch)`,
  });
});

test('what cannot be reached may be asked again, what answers otherwise than GitHub not', async () => {
  const closed = await served(() => undefined);
  await new Promise((resolve) => servers.pop()?.close(resolve));
  await expect(openAt(closed)).rejects.toMatchObject({ code: 'UNREACHABLE', mayPass: true });
  for (const text of ['<html>', '{}', '[{"html_url":"x","number":1}]']) {
    const other = await served((_request, response) => response.end(text));
    await expect(openAt(other)).rejects.toMatchObject({ code: 'UNREADABLE', mayPass: false });
  }
});

test('the token is not carried to where a server redirects', async () => {
  let asked = 0;
  const elsewhere = await served((_request, response) => {
    asked += 1;
    response.end('[]');
  });
  const url = await served((_request, response) => response.writeHead(307, { location: elsewhere }).end());
  await expect(openAt(url)).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(asked).toBe(0);
});

test('a server that does not answer is waited for no longer than half a minute', async () => {
  const clock = new ManualClock();
  const { promise: arrival, resolve: arrived } = Promise.withResolvers<void>();
  const url = await served(() => arrived());
  const failure = expect(openAt(url, clock)).rejects.toMatchObject({
    ...{ code: 'UNREACHABLE', mayPass: true },
    message: expect.stringContaining('it did not answer within 30 s'),
  });
  await arrival;
  await clock.advance(30_000);
  await failure;
});
