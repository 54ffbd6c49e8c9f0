import type { Client, Session } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import { resolveSession } from '../session-reference.ts';
import { registerSessionBridge } from './session-bridge.ts';
import { registerSessionLists } from './session-lists.ts';
import { registerSessionTail } from './session-tail.ts';
import { registerSessionViews } from './session-views.ts';

/** The verbs that take a session and nothing else. */
const VERBS = {
  start: { about: 'start or queue a pending session', done: 'Started' },
  pause: { about: 'hold a running session', done: 'Paused' },
  resume: { about: 'let a paused session go on', done: 'Resumed' },
  stop: { about: 'stop a session as its operator', done: 'Stopped' },
  cancel: { about: 'cancel a session', done: 'Cancelled' },
} as const;

export function registerSessions(program: Command, registry: Registry): void {
  const sessions = program
    .command('sessions')
    .description('list, show, watch and control sessions (<session> is an id, or `last`)');

  registerSessionLists(sessions, registry);
  registerSessionViews(sessions, registry);
  registerSessionTail(sessions, registry);
  registerSessionBridge(sessions, registry);

  for (const [name, { about, done }] of Object.entries(VERBS) as [
    keyof typeof VERBS,
    { about: string; done: string },
  ][]) {
    sessions
      .command(`${name} <session>`)
      .description(about)
      .action(
        action<[string], object>(registry, async ({ client, out }, [reference]) => {
          const session = await client.sessions[name](await resolveSession(client, reference));
          out.document(session);
          out.line(outcomeLine(done, session));
        }),
      );
  }

  sessions
    .command('retry <session>')
    .description('try a session that did not succeed again')
    .option('--from-checkpoint <number>', 'go on from this checkpoint; from the last one without', positiveInteger)
    .action(
      action<[string], { fromCheckpoint?: number }>(registry, async ({ client, out }, [reference], options) => {
        const session = await retry(client, reference, options.fromCheckpoint);
        out.document(session);
        out.line(`Attempt ${session.attempt} of ${session.id} (${session.title}) is ${session.status}.`);
      }),
    );
}

async function retry(client: Client, reference: string, fromCheckpoint: number | undefined): Promise<Session> {
  const id = await resolveSession(client, reference);
  return client.sessions.retry(id, fromCheckpoint === undefined ? {} : { fromCheckpoint });
}

function outcomeLine(done: string, session: Session): string {
  return `${done} ${session.id} (${session.title}); it is ${session.status}.`;
}
