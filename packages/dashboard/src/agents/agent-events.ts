import type { Agent, Handoff } from '@signalbox/client';
import type { ShownAuditEvent } from '../audit/audit-event.ts';

/** Something that happened to an agent, as its history tells it. */
export interface AgentEvent {
  key: string;
  at: string;
  kind: 'registered' | 'dead' | 'decided' | 'gave' | 'took';
  what: string;
  detail: string | null;
  /** The session it was about. */
  sessionId: string | null;
}

const DECISIONS: Readonly<Record<string, string>> = {
  'agent.drain': 'Set to drain',
  'agent.maintain': 'Put into maintenance',
  'agent.resume': 'Put on duty again',
  'agent.unregister': 'Unregistered',
};

/**
 * What is recorded of an agent, the latest first: its registration, its death while it lasts, handoffs from and to it, and
 * what people decided. Suspicions and revivals are told as they happen and are not recorded.
 */
export function agentEvents(
  agent: Pick<Agent, 'id' | 'registeredAt' | 'deadAt'>,
  handoffs: readonly Handoff[],
  audit: readonly ShownAuditEvent[],
): AgentEvent[] {
  const events: AgentEvent[] = [
    {
      key: 'registered',
      at: agent.registeredAt,
      kind: 'registered',
      what: 'Registered',
      detail: null,
      sessionId: null,
    },
    ...handoffs.map((handoff): AgentEvent => {
      const gave = handoff.fromAgent === agent.id;
      const tasks = handoff.taskIds.length === 1 ? 'one task' : `${handoff.taskIds.length} tasks`;
      return {
        key: handoff.id,
        at: handoff.at,
        kind: gave ? 'gave' : 'took',
        what: gave ? `Handed over to ${handoff.toAgent}, ${tasks}` : `Took over from ${handoff.fromAgent}, ${tasks}`,
        detail: handoff.reason,
        sessionId: handoff.sessionId,
      };
    }),
    ...audit.map(
      (event): AgentEvent => ({
        key: event.id,
        at: event.at,
        kind: 'decided',
        what: `${DECISIONS[event.action] ?? event.action} by ${event.actor}`,
        detail: null,
        sessionId: null,
      }),
    ),
  ];
  if (agent.deadAt !== null) {
    const detail = 'Silent for too long: its tasks went back, its locks were released.';
    events.push({ key: 'dead', at: agent.deadAt, kind: 'dead', what: 'Taken for dead', detail, sessionId: null });
  }
  const once = new Map(events.map((event) => [event.key, event]));
  return [...once.values()].sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
}
