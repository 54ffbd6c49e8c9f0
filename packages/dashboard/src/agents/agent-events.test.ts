import type { Handoff } from '@signalbox/client';
import { describe, expect, it } from 'vitest';
import type { ShownAuditEvent } from '../audit/audit-event.ts';
import { agentEvents } from './agent-events.ts';

const at = (minute: number) => `2026-03-04T10:${String(minute).padStart(2, '0')}:00.000Z`;
const AGENT = { id: 'coder', registeredAt: at(0), deadAt: null };

const handoff = (id: string, fromAgent: string, toAgent: string, minute: number): Handoff => ({
  id,
  projectId: 'p',
  sessionId: `session-${id}`,
  fromAgent,
  toAgent,
  reason: 'Its machine goes away',
  context: {},
  priority: 2,
  estimatedMs: null,
  taskIds: ['t1', 't2'],
  journalSeq: 1,
  token: 1,
  at: at(minute),
});

const decision = (id: string, action: string, minute: number): ShownAuditEvent => ({
  id,
  at: at(minute),
  actor: 'ada',
  actorRole: null,
  action,
  subjectType: 'agent',
  subjectId: 'coder',
  versionBefore: 1,
  versionAfter: 2,
  changes: {},
  details: {},
  traceId: null,
});

describe('history of an agent', () => {
  it('tells all that is recorded, the latest first, from the agent’s side', () => {
    const events = agentEvents(
      { ...AGENT, deadAt: at(9) },
      [handoff('h1', 'coder', 'other', 3), handoff('h2', 'third', 'coder', 5)],
      [decision('a1', 'agent.drain', 4), decision('a2', 'agent.polish', 6)],
    );
    expect(events.map(({ kind, what }) => [kind, what])).toEqual([
      ['dead', 'Taken for dead'],
      ['decided', 'agent.polish by ada'],
      ['took', 'Took over from third, 2 tasks'],
      ['decided', 'Set to drain by ada'],
      ['gave', 'Handed over to other, 2 tasks'],
      ['registered', 'Registered'],
    ]);
    expect(events.find(({ kind }) => kind === 'gave')).toMatchObject({
      detail: 'Its machine goes away',
      sessionId: 'session-h1',
    });
  });

  it('tells of no death once the agent is alive again', () => {
    expect(agentEvents(AGENT, [], []).map(({ kind }) => kind)).toEqual(['registered']);
  });
});
