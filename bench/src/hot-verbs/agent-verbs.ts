import type { Core } from '@signalbox/core';
import type { HotVerb } from './hot-verb.ts';
import { inParts } from './in-parts.ts';

const TABLES = ['agents', 'agent_presence'];

export function agentVerbs({ agents }: Core, projectId: string): HotVerb[] {
  const register = (n: number) =>
    agents.register(projectId, {
      id: `agent-${n}`,
      type: 'coder',
      capabilities: [{ name: 'typescript', version: '5.9.0' }, { name: 'review' }],
      maxLoad: 4,
    });
  return [
    {
      name: 'heartbeat',
      batched: 'agents.heartbeat',
      statements: ['agents.heartbeat'],
      seed: 50_000,
      tables: TABLES,
      done: 'SELECT count(*) AS done FROM agent_presence WHERE load = 3',
      prepare: async (count) => {
        await inParts(count, register);
        return (n) => agents.heartbeat(projectId, `agent-${n}`, { load: 3, status: 'active' });
      },
    },
    {
      name: 'register',
      batched: 'agents.register',
      statements: ['agents.register', 'agents.some'],
      seed: 10_000,
      tables: TABLES,
      done: 'SELECT count(*) AS done FROM agents',
      prepare: async () => register,
    },
  ];
}
