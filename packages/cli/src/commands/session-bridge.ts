import type { Client, SessionIsolation, SessionsByEntity, SessionTransitions } from '@signalbox/client';
import type { Command } from 'commander';
import { action, type Registry } from '../action.ts';
import { positiveInteger } from '../arguments.ts';
import type { Column } from '../output/table.ts';
import { formatTime } from '../output/time.ts';
import { resolveSession } from '../session-reference.ts';

type Transition = SessionTransitions['transitions'][number];
type Impact = SessionIsolation['impacts'][number];
type Touching = SessionsByEntity['sessions'][number];

const TRANSITIONS: Column<Transition>[] = [
  { header: 'EVENT', value: ({ toSeq }) => String(toSeq), align: 'right' },
  { header: 'TYPE', value: ({ event }) => event.type },
  { header: 'WHY', value: ({ reasons }) => reasons.join(', ') },
  { header: 'BY', value: ({ event }) => event.actor },
  { header: 'ENTITIES', value: ({ event }) => event.entityIds.join(', '), flexible: true },
  { header: 'AT', value: ({ event }) => formatTime(event.occurredAt) },
];
const IMPACTS: Column<Impact>[] = [
  { header: 'ENTITY', value: ({ entityId }) => entityId, flexible: true },
  { header: 'CHECKPOINTS', value: ({ count }) => String(count), align: 'right' },
  { header: 'CAME TO', value: ({ anchors }) => anchors.at(-1)?.outcome ?? '-' },
];
const TOUCHING: Column<Touching>[] = [
  { header: 'SESSION', value: ({ sessionId }) => sessionId },
  { header: 'STATUS', value: ({ status }) => status ?? 'gone' },
  { header: 'CAME TO', value: ({ outcome }) => outcome ?? '-' },
  { header: 'EVENTS', value: ({ eventCount }) => String(eventCount), align: 'right' },
  { header: 'AGENTS', value: ({ agentIds }) => agentIds.join(', '), flexible: true },
  { header: 'LAST', value: ({ lastTouchedAt }) => formatTime(lastTouchedAt) },
];

/** What is said where the code graph could not be asked. */
const NO_GRAPH = 'The code graph could not be asked: what it knows is missing here.';

export function registerSessionBridge(sessions: Command, registry: Registry): void {
  sessions
    .command('transitions <session>')
    .description('show where a session broke the code, or did something of much effect')
    .option('--entity <id>', 'only what touched this entity of the code graph')
    .action(
      action<[string], { entity?: string }>(registry, async ({ client, out }, [reference], { entity }) => {
        const found = await client.bridge.transitions(await resolveSession(client, reference), entity);
        out.document(found);
        out.table(found.transitions, TRANSITIONS, 'Nothing of the kind.');
        const { total, transitions } = found;
        if (total > transitions.length) out.note(`These are the last ${transitions.length} of ${total}.`);
        if (found.graph !== 'ok') out.note(NO_GRAPH);
      }),
    );

  sessions
    .command('isolate <session> <agent>')
    .description('show what one agent did in a session')
    .action(
      action<[string, string], object>(registry, async ({ client, out }, [reference, agent]) => {
        const found = await client.bridge.isolation(await resolveSession(client, reference), agent);
        out.document(found);
        out.line(`${found.totalEvents} events, performance ${found.totalPerfDelta}.`);
        out.table(found.impacts, IMPACTS, 'Nothing of it stays with entities.');
        if (found.graph !== 'ok') out.note(NO_GRAPH);
      }),
    );

  sessions
    .command('joining <session> <agent>')
    .description('show what an agent has to know that joins a session')
    .action(
      action<[string, string], object>(registry, async ({ client, out }, [reference, agent]) => {
        const found = await client.bridge.joiningContext(await resolveSession(client, reference), agent);
        out.document(found);
        out.line(found.joiningAdvice);
        for (const { entityId, related } of found.kgContext) {
          out.line(related.length === 0 ? entityId : `${entityId}: ${related.map(({ id }) => id).join(', ')}`);
        }
        if (found.graph !== 'ok') out.note(NO_GRAPH);
      }),
    );
}

/** @param entityId the id of what goes by a name */
export function registerEntitySessions(
  graph: Command,
  registry: Registry,
  entityId: (client: Client, named: string) => Promise<string>,
): void {
  graph
    .command('touched-by <entity>')
    .description('show the sessions that touched an entity, by their journals and checkpoints')
    .option('--agent <agent>', 'only those with this agent')
    .option('--limit <number>', 'at most so many; 50 without', positiveInteger)
    .action(
      action<[string], { agent?: string; limit?: number }>(registry, async ({ client, out }, [named], options) => {
        const { agent, limit } = options;
        const found = await client.bridge.sessionsByEntity({
          entityId: await entityId(client, named),
          ...(agent === undefined ? {} : { agentId: agent }),
          ...(limit === undefined ? {} : { limit }),
        });
        out.document(found);
        out.table(found.sessions, TOUCHING, 'None.');
        if (found.total > found.sessions.length) out.note(`There are ${found.total} of them.`);
        if (found.truncated)
          out.note('It was touched more often than was looked at: there may be others, of longer ago.');
        if (found.graph !== 'ok') out.note(NO_GRAPH);
      }),
    );
}
