import { eventSource } from './events/event-stream.ts';
import { agentMethods } from './groups/agents.ts';
import { approvalMethods } from './groups/approvals.ts';
import { auditMethods } from './groups/audit.ts';
import { bridgeMethods } from './groups/bridge.ts';
import { browserSessionMethods } from './groups/browser-sessions.ts';
import { budgetMethods } from './groups/budgets.ts';
import { changeMethods } from './groups/changes.ts';
import { checkpointMethods } from './groups/checkpoints.ts';
import { conflictMethods } from './groups/conflicts.ts';
import { graphMethods } from './groups/graph.ts';
import { journalMethods } from './groups/journal.ts';
import { keyMethods } from './groups/keys.ts';
import { lockMethods } from './groups/locks.ts';
import { mcpMethods } from './groups/mcp.ts';
import { pathClaimMethods } from './groups/path-claims.ts';
import { policyMethods } from './groups/policies.ts';
import { projectMethods } from './groups/projects.ts';
import { proposalMethods } from './groups/proposals.ts';
import { queueMethods } from './groups/queues.ts';
import { recordingMethods } from './groups/recordings.ts';
import { rollbackMethods } from './groups/rollback.ts';
import { rollbackConflictMethods } from './groups/rollback-conflicts.ts';
import { rollbackMonitoringMethods } from './groups/rollback-monitoring.ts';
import { scheduleMethods } from './groups/schedules.ts';
import { serverMethods } from './groups/server.ts';
import { sessionMethods } from './groups/sessions.ts';
import { sourceMethods } from './groups/source.ts';
import { specMethods } from './groups/specs.ts';
import { taskMethods } from './groups/tasks.ts';
import { threadMethods } from './groups/threads.ts';
import { topologyMethods } from './groups/topology.ts';
import { undoMethods } from './groups/undos.ts';
import { webhookMethods } from './groups/webhooks.ts';
import { workspaceMethods } from './groups/workspaces.ts';
import { workTreeMethods } from './groups/worktrees.ts';
import { type ClientOptions, createTransport } from './transport/transport.ts';

/**
 * The client of a Signalbox server, for Node and for browsers.
 *
 * ```ts
 * const client = createClient({ baseUrl: 'http://127.0.0.1:4780' });
 * const session = await client.sessions.create({ title: 'Fix the build', initialPrompt: 'Make the tests pass.' });
 * for await (const event of client.journal.tail(session.id)) console.log(event.seq, event.type);
 * ```
 *
 * Methods throw `ApiError` for what the server refuses and `ServerUnreachableError` where nobody answers. Reads are
 * repeated when the connection breaks; calls that create something carry an idempotency key.
 */
export function createClient(options: ClientOptions) {
  const transport = createTransport(options);
  const events = eventSource(transport);
  return {
    baseUrl: transport.baseUrl,
    sessions: sessionMethods(transport),
    journal: journalMethods(transport, events),
    checkpoints: checkpointMethods(transport),
    recordings: recordingMethods(transport),
    workspaces: workspaceMethods(transport),
    changes: changeMethods(transport),
    undos: undoMethods(transport),
    worktrees: workTreeMethods(transport),
    source: sourceMethods(transport),
    graph: graphMethods(transport),
    specs: specMethods(transport),
    bridge: bridgeMethods(transport),
    proposals: proposalMethods(transport),
    topology: topologyMethods(transport),
    policies: policyMethods(transport),
    budgets: budgetMethods(transport),
    projects: projectMethods(transport),
    keys: keyMethods(transport),
    browserSessions: browserSessionMethods(transport),
    tasks: taskMethods(transport),
    agents: agentMethods(transport),
    queues: queueMethods(transport),
    schedules: scheduleMethods(transport),
    locks: lockMethods(transport),
    pathClaims: pathClaimMethods(transport),
    approvals: approvalMethods(transport),
    conflicts: conflictMethods(transport),
    rollbackConflicts: rollbackConflictMethods(transport),
    rollbackMonitoring: rollbackMonitoringMethods(transport),
    threads: threadMethods(transport),
    rollback: rollbackMethods(transport),
    webhooks: webhookMethods(transport),
    audit: auditMethods(transport),
    server: serverMethods(transport),
    mcp: mcpMethods(transport),
    events,
    /** The generated client underneath, for what has no method here. */
    http: transport.http,
  };
}

export type Client = ReturnType<typeof createClient>;
