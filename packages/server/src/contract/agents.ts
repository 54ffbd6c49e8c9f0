import {
  AGENT_FIELDS,
  agentHeartbeatSchema,
  agentMetricsSchema,
  agentSchema,
  agentSettingsSchema,
  claimWorkSchema,
  HANDOFF_FIELDS,
  handOffSchema,
  handoffSchema,
  registerAgentSchema,
  updateAgentSettingsSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { cursorPageOf, listQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { claimSchema, claimsSchema } from './task-claims.ts';

const tag = 'agents';
const params = z.strictObject({ id: z.string().min(1).max(100) });
const agent = { status: 200, about: 'The agent as it is now.', schema: agentSchema } as const;

export const agentPageSchema = cursorPageOf(agentSchema);
export const handoffPageSchema = cursorPageOf(handoffSchema);
export const heartbeatAnswerSchema = z.object({
  agentId: z.string(),
  duty: agentSchema.shape.duty,
  /** Whether it had been taken for suspect or dead. */
  revived: z.boolean(),
  /** Of the claims it named, those that are not its own any more: it must stop working on them. */
  lost: z.array(z.object({ taskId: z.string(), token: z.int() })),
  /** What it was given. */
  assigned: z.array(claimSchema),
});

export const listAgents = operation({
  id: 'listAgents',
  method: 'GET',
  path: '/agents',
  tag,
  summary: 'List agents with their load',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(AGENT_FIELDS.fields),
  answer: { status: 200, about: 'A page of agents, in the order of registration.', schema: agentPageSchema },
});

export const registerAgent = operation({
  id: 'registerAgent',
  method: 'POST',
  path: '/agents',
  tag,
  summary: 'Register an agent',
  description:
    'One that is registered already keeps its history; it is alive and on duty again, unless people put it into maintenance. `load` is what it does besides the tasks it holds here.',
  role: 'agent',
  body: registerAgentSchema,
  bodyCheckedByRoom: true,
  example: { id: 'worker-1', type: 'coder', capabilities: ['typescript', 'node@24.1.0'], maxLoad: 4 },
  answer: { status: 201, about: 'The agent.', schema: agentSchema },
});

export const getAgent = operation({
  id: 'getAgent',
  method: 'GET',
  path: '/agents/{id}',
  tag,
  summary: 'One agent',
  role: 'viewer',
  params,
  answer: { ...agent, about: 'The agent.' },
});

export const unregisterAgent = operation({
  id: 'unregisterAgent',
  method: 'DELETE',
  path: '/agents/{id}',
  tag,
  summary: 'Unregister an agent',
  description: 'Its tasks go back to their queues, its locks are released. One that is not there is no error.',
  role: 'agent',
  params,
  ifMatch: 'optional',
  answer: { status: 204, about: 'It is not registered any more.' },
});

export const heartbeatAgent = operation({
  id: 'heartbeatAgent',
  method: 'POST',
  path: '/agents/{id}/heartbeat',
  tag,
  summary: 'Say that an agent is there',
  description:
    'Renews the claims it names and tells which of them are lost and what it was given. 404 AGENT_UNKNOWN: register again. With `claims` (all it works on), tasks it was given and does not name are told again.',
  role: 'agent',
  params,
  body: agentHeartbeatSchema.nullish(),
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'What it must know.', schema: heartbeatAnswerSchema },
});

export const claimWork = operation({
  id: 'claimWork',
  method: 'POST',
  path: '/agents/{id}/claim',
  tag,
  summary: 'Claim work as a registered agent',
  description:
    'What it was given, then ready tasks within its capabilities and its room. Waits up to `waitSeconds` for the first one; the list is empty where none came.',
  role: 'agent',
  params,
  body: claimWorkSchema.nullish(),
  bodyCheckedByRoom: true,
  example: { queues: ['default'], limit: 2, waitSeconds: 1 },
  verbatim: true,
  answer: { status: 200, about: 'The claims.', schema: claimsSchema },
});

/** What people decide about an agent. */
function decision<Id extends string>(id: Id, path: string, summary: string, description?: string) {
  return operation({
    id,
    method: 'POST',
    path: `/agents/{id}/${path}`,
    tag,
    summary,
    ...(description === undefined ? {} : { description }),
    role: 'operator',
    params,
    body: z.strictObject({}).nullish(),
    ifMatch: 'optional',
    answer: agent,
  });
}

export const drainAgent = decision('drainAgent', 'drain', 'Let an agent finish what it has and take nothing new');
export const maintainAgent = decision(
  'maintainAgent',
  'maintenance',
  'Put an agent into maintenance',
  'It takes nothing new, counts for no capacity, and is not called dead for its silence.',
);
export const resumeAgent = decision('resumeAgent', 'resume', 'Put an agent on duty again');

export const handOffSession = operation({
  id: 'handOffSession',
  method: 'POST',
  path: '/agents/handoffs',
  tag,
  summary: 'Hand a session over to another agent',
  description:
    'Its tasks that the one agent holds, its locks and its journal become the other’s at once; whatever the first still writes is refused with CLAIM_LOST.',
  role: 'agent',
  body: handOffSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The record of it.', schema: handoffSchema },
});

export const listHandoffs = operation({
  id: 'listHandoffs',
  method: 'GET',
  path: '/agents/handoffs',
  tag,
  summary: 'List handoffs',
  role: 'viewer',
  query: listQuerySchema,
  filters: Object.keys(HANDOFF_FIELDS.fields),
  answer: { status: 200, about: 'A page of handoffs, the latest first.', schema: handoffPageSchema },
});

export const getAgentMetrics = operation({
  id: 'getAgentMetrics',
  method: 'GET',
  path: '/agents/metrics',
  tag,
  summary: 'How the agents do',
  role: 'viewer',
  answer: { status: 200, about: 'Counts, load and durations.', schema: agentMetricsSchema },
});

export const getAgentSettings = operation({
  id: 'getAgentSettings',
  method: 'GET',
  path: '/agents/settings',
  tag,
  summary: 'How the project treats its agents',
  role: 'viewer',
  answer: { status: 200, about: 'The settings.', schema: agentSettingsSchema },
});

export const updateAgentSettings = operation({
  id: 'updateAgentSettings',
  method: 'PATCH',
  path: '/agents/settings',
  tag,
  summary: 'Set how the project treats its agents',
  description:
    'Any subset. Tasks of `assignQueues` are given to agents by the strategy; from all other queues agents claim for themselves.',
  role: 'operator',
  body: updateAgentSettingsSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  example: { assignQueues: ['default'], strategy: { type: 'affinity' } },
  answer: { status: 200, about: 'The settings as they are now.', schema: agentSettingsSchema },
});
