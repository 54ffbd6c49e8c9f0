import { once } from 'node:events';
import { type AddressInfo, connect } from 'node:net';
import { fastify } from 'fastify';
import { expect, it } from 'vitest';
import { endQuietConnections } from './quiet-connections.ts';

it('a connection that was opened and never used does not hold a closing server; a request under way is answered', async () => {
  const app = fastify({ forceCloseConnections: 'idle' });
  endQuietConnections(app);
  const answer = Promise.withResolvers<void>();
  app.get('/slow', async () => {
    await answer.promise;
    return 'done';
  });
  await app.listen({ port: 0, host: '127.0.0.1' });
  const { port } = app.server.address() as AddressInfo;
  const quiet = connect(port, '127.0.0.1');
  await once(quiet, 'connect');
  const slow = fetch(`http://127.0.0.1:${port}/slow`);
  await once(app.server, 'request');
  const ended = once(quiet, 'close');
  const closed = app.close();
  await ended;
  answer.resolve();
  expect(await (await slow).text()).toBe('done');
  await closed;
});
