import { randomUUID } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import fastify from 'fastify';
import pg from 'pg';

/**
 * Fastify with nothing but the routes: `/bare` parses the same JSON and answers the same JSON, `/rows` also keeps it in
 * one row of the same database. No guards, no validation, no audit, no versions.
 */
const { databaseUrl, template } = JSON.parse(process.argv[2] ?? '{}') as {
  databaseUrl: string;
  /** A session as Signalbox answers it. */
  template: Record<string, unknown>;
};
/** As many connections as Signalbox takes by default. */
const pool = new pg.Pool({ connectionString: databaseUrl, max: 10 });
await pool.query(`CREATE TABLE bare_sessions (id uuid PRIMARY KEY, body jsonb NOT NULL)`);
const app = fastify({ logger: false });

type Body = Record<string, unknown>;
const made = (body: Body) => ({ ...template, title: body.title, initialPrompt: body.initialPrompt, id: randomUUID() });

app.post<{ Body: Body }>('/bare', async (request, reply) => reply.code(201).send(made(request.body)));
app.get<{ Params: { id: string } }>('/bare/:id', async (request) => ({ ...template, id: request.params.id }));

app.post<{ Body: Body }>('/rows', async (request, reply) => {
  const session = made(request.body);
  const text = JSON.stringify(session);
  await pool.query({
    name: 'insert',
    text: `INSERT INTO bare_sessions (id, body) VALUES ($1, $2)`,
    values: [session.id, text],
  });
  return reply.code(201).type('application/json; charset=utf-8').send(text);
});
app.get<{ Params: { id: string } }>('/rows/:id', async (request, reply) => {
  const { rows } = await pool.query<{ body: string }>({
    name: 'select',
    text: `SELECT body::text AS body FROM bare_sessions WHERE id = $1`,
    values: [request.params.id],
  });
  return reply.type('application/json; charset=utf-8').send(rows[0]?.body);
});

await app.listen({ host: '127.0.0.1', port: 0 });
process.once('disconnect', async () => {
  await app.close();
  await pool.end();
});
process.send?.({ address: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` });
