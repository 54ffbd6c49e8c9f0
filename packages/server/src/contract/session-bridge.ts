import {
  aggregateSessionsSchema,
  bridgeHealthSchema,
  entitySessionsFoundSchema,
  findEntitySessionsSchema,
  joiningContextSchema,
  sessionAggregatesSchema,
  sessionIsolationSchema,
  sessionTransitionsSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { operation } from './operation.ts';
import { queryText } from './query-values.ts';
import { sessionParams } from './sessions.ts';

const agent = queryText.min(1).max(100);

export const getSessionTransitions = operation({
  id: 'getSessionTransitions',
  method: 'GET',
  path: '/sessions/{id}/transitions',
  tag: 'sessions',
  summary: 'Where a session broke the code, or did something of much effect',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({
    entity: queryText.min(1).max(2_000).optional().describe('Only what touched this entity of the code graph.'),
  }),
  answer: {
    status: 200,
    about: 'The transitions in their order; `graph` says whether the code graph could be asked.',
    schema: sessionTransitionsSchema,
  },
});

export const getSessionIsolation = operation({
  id: 'getSessionIsolation',
  method: 'GET',
  path: '/sessions/{id}/isolation',
  tag: 'sessions',
  summary: 'What one agent did in a session',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ agent: agent.describe('The agent, as events name it.') }),
  answer: { status: 200, about: 'Its events, and what of them stays with entities.', schema: sessionIsolationSchema },
});

export const getJoiningContext = operation({
  id: 'getJoiningContext',
  method: 'GET',
  path: '/sessions/{id}/joining-context',
  tag: 'sessions',
  summary: 'What an agent has to know that joins a session',
  role: 'viewer',
  params: sessionParams,
  query: z.strictObject({ agent: agent.describe('The agent that joins.') }),
  answer: { status: 200, about: 'The last changes, what is around them, and advice.', schema: joiningContextSchema },
});

export const findSessionsByEntity = operation({
  id: 'findSessionsByEntity',
  method: 'POST',
  path: '/graph/entity/touched-by',
  tag: 'graph',
  summary: 'Sessions whose journals or checkpoints tell that they touched an entity',
  description: 'Of sessions that are gone the last checkpoints tell.',
  role: 'viewer',
  bodyCheckedByRoom: true,
  body: findEntitySessionsSchema,
  answer: { status: 200, about: 'The one that touched it last comes first.', schema: entitySessionsFoundSchema },
  example: { entityId: 'file:src/tax.ts', includeEvents: true },
});

export const aggregateSessions = operation({
  id: 'aggregateSessions',
  method: 'POST',
  path: '/graph/entities/aggregates',
  tag: 'graph',
  summary: 'What sessions came to that touched some entities',
  role: 'viewer',
  bodyCheckedByRoom: true,
  body: aggregateSessionsSchema,
  answer: { status: 200, about: 'Sessions, agents, outcomes and performance.', schema: sessionAggregatesSchema },
  example: { entityIds: ['file:src/tax.ts', 'file:src/bill.ts'] },
});

export const getBridgeHealth = operation({
  id: 'getBridgeHealth',
  method: 'GET',
  path: '/system/bridge',
  tag: 'system',
  summary: 'Whether sessions and the code graph of the project answer',
  description:
    'Each is asked for it. What fails is part of the answer, and the log of the server says why; while the database is away it is `DATABASE_UNAVAILABLE`, as everywhere.',
  role: 'viewer',
  answer: {
    status: 200,
    about: 'Where the graph failed, the bridge still answers, without what that knows.',
    schema: bridgeHealthSchema,
  },
});
