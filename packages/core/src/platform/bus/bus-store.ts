import { type DedicatedConnection, type Executor, statement } from '../database/index.ts';

const CHANNEL = 'signalbox_bus';
const notify = statement('bus.notify', `SELECT pg_notify('${CHANNEL}', m) FROM unnest($1::text[]) AS m`);
const ping = statement('bus.ping', 'SELECT 1');

/** Sends each text to everybody who listens, in order, in one commit of its own. */
export async function notifyAll(executor: Executor, texts: readonly string[]): Promise<void> {
  await executor.query(notify, [texts]);
}

export async function listen(connection: DedicatedConnection, onText: (text: string) => void): Promise<void> {
  connection.onNotification((channel, payload) => {
    if (channel === CHANNEL) onText(payload);
  });
  await connection.query({ name: '', text: `LISTEN ${CHANNEL}` });
}

export async function pingConnection(connection: DedicatedConnection): Promise<void> {
  await connection.query(ping);
}
