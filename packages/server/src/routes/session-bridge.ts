import type { SessionBridge } from '@signalbox/core';
import * as contract from '../contract/session-bridge.ts';
import type { Serve } from '../http/serve.ts';

export function sessionBridgeRoutes(serve: Serve, bridge: SessionBridge): void {
  serve(contract.getSessionTransitions, ({ params, query }, { projectId }) =>
    bridge.transitions(projectId, params.id, query.entity ?? null),
  );
  serve(contract.getSessionIsolation, ({ params, query }, { projectId }) =>
    bridge.isolation(projectId, params.id, query.agent),
  );
  serve(contract.getJoiningContext, ({ params, query }, { projectId }) =>
    bridge.joiningContext(projectId, params.id, query.agent),
  );
  serve(contract.findSessionsByEntity, ({ body }, { projectId }) => bridge.sessionsByEntity(projectId, body));
  serve(contract.getBridgeHealth, (_given, { projectId }) => bridge.health(projectId));
  serve(contract.aggregateSessions, ({ body }, { projectId }) => bridge.aggregates(projectId, body));
}
