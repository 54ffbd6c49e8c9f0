import { AGENT_FIELDS, type Agents, HANDOFF_FIELDS, parseListQuery, type TaskQueue } from '@signalbox/core';
import * as contract from '../contract/agents.ts';
import { hangUpOf } from '../http/hang-up.ts';
import type { Serve } from '../http/serve.ts';

export function agentRoutes(serve: Serve, agents: Agents, tasks: Pick<TaskQueue, 'release'>): void {
  serve(contract.listAgents, ({ query }, { projectId }) => agents.list(projectId, parseListQuery(AGENT_FIELDS, query)));
  serve(contract.registerAgent, async ({ body }, { projectId }) => (await agents.register(projectId, body)).agent);
  serve(contract.getAgentMetrics, (_, { projectId }) => agents.metrics(projectId));
  serve(contract.getAgentSettings, (_, { projectId }) => agents.settings(projectId));
  serve(contract.updateAgentSettings, ({ body, version }, { projectId, actor }) =>
    agents.configure(projectId, body, actor, version),
  );
  serve(contract.listHandoffs, ({ query }, { projectId }) =>
    agents.handoffs(projectId, parseListQuery(HANDOFF_FIELDS, query)),
  );
  serve(contract.handOffSession, ({ body }, { projectId, actor }) => agents.handOff(projectId, body, actor));
  serve(contract.getAgent, ({ params }, { projectId }) => agents.get(projectId, params.id));
  serve(contract.unregisterAgent, ({ params, version }, { projectId, actor }) =>
    agents.unregister(projectId, params.id, actor, version),
  );
  serve(contract.heartbeatAgent, ({ params, body }, { projectId }) =>
    agents.heartbeat(projectId, params.id, body ?? {}),
  );
  serve(contract.claimWork, async ({ params, body }, { projectId, request }) => {
    const { signal, forget } = hangUpOf(request);
    try {
      const claims = await agents.claim(projectId, params.id, body ?? {}, signal);
      if (!signal.aborted) return { items: claims };
      // Nobody is there any more to work on them.
      await Promise.all(claims.map((claim) => tasks.release(claim)));
      return { items: [] };
    } finally {
      forget();
    }
  });
  serve(contract.drainAgent, ({ params, version }, { projectId, actor }) =>
    agents.drain(projectId, params.id, actor, version),
  );
  serve(contract.maintainAgent, ({ params, version }, { projectId, actor }) =>
    agents.maintain(projectId, params.id, actor, version),
  );
  serve(contract.resumeAgent, ({ params, version }, { projectId, actor }) =>
    agents.resume(projectId, params.id, actor, version),
  );
}
