import { once } from 'node:events';
import { type AddressInfo, createServer, type Server, type Socket } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { PgDatabase } from './index.ts';

const FATAL = 'SFATAL\0C57P01\0Mterminating connection due to administrator command\0\0';

let server: Server | undefined;
afterEach(() => server?.close());

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}

/** Says in one breath, as a busy client reads it, that it is ready and that it is going, the latter more than once. */
async function goingServer(): Promise<string> {
  const words = Buffer.concat([
    message('R', Buffer.alloc(4)),
    message('Z', Buffer.from('I')),
    message('E', Buffer.from(FATAL)),
    message('E', Buffer.from(FATAL)),
  ]);
  server = createServer((socket: Socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => socket.end(words));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `postgres://nobody@127.0.0.1:${(server.address() as AddressInfo).port}/none`;
}

test('a server that goes in the moment it was reached ends the connection, not the process', async () => {
  const database = new PgDatabase({ kind: 'server', pool: { connectionString: await goingServer() } });
  const connection = await database.dedicated();
  await connection?.closed;
  await expect(connection?.query({ name: '', text: 'SELECT 1' })).rejects.toMatchObject({
    code: expect.stringMatching(/^(DATABASE_UNAVAILABLE|OUTCOME_UNKNOWN)$/),
  });
  await database.close();
});
