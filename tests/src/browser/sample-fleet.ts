import type { AppendEvent, Client, CreateSession, Session } from '@signalbox/client';

/** What a day of a small team leaves behind: made through the API, as agents do. */
export interface SampleFleet {
  running: Session;
  failed: Session;
  completed: Session;
  paused: Session;
  /** A session with everything in its journal that a page can show. */
  rich: Session;
  child: Session;
}

const DIFF = `--- a/src/invoice.ts
+++ b/src/invoice.ts
@@ -12,7 +12,8 @@ export function total(lines: Line[]): Cents {
   let sum = 0;
   for (const line of lines) {
-    sum += Math.round(line.price * line.count);
+    // Rounded once, at the end: rounding each line loses cents.
+    sum += line.price * line.count;
   }
-  return sum;
+  return Math.round(sum);
 }
`;

/** Journal events of an agent that finds a bug, mends it and runs the tests. */
export const RICH_JOURNAL: AppendEvent[] = [
  message('user', 'p1', 'The totals in src/invoice.ts are off by a cent. Find out why and mend it.'),
  message('reasoning', 'r1', 'The sum is rounded per line.\nRounding once at the end should mend it.'),
  event('tool_call', { callId: 'c1', tool: 'read', arguments: { filePath: 'src/invoice.ts' } }),
  event('tool_result', {
    callId: 'c1',
    tool: 'read',
    status: 'completed',
    output: 'export function total(lines) {\n  let sum = 0;\n  for (const line of lines) {\n    …\n',
    title: 'src/invoice.ts',
    durationMs: 12,
    metadata: {},
  }),
  message('assistant', 'm1', 'Each line is rounded before it is added. I round the sum instead, and run the tests.'),
  event('tool_call', {
    callId: 'c2',
    tool: 'edit',
    arguments: { filePath: 'src/invoice.ts', oldString: 'Math.round(line.price * line.count)', newString: '…' },
  }),
  event('file_change', {
    path: 'src/invoice.ts',
    operation: 'modified',
    diff: DIFF,
    binary: false,
    additions: 3,
    deletions: 2,
    callId: 'c2',
  }),
  event('tool_result', {
    callId: 'c2',
    tool: 'edit',
    status: 'completed',
    output: 'edited',
    title: null,
    durationMs: 31,
    metadata: {},
  }),
  event('file_change', {
    path: 'test/invoice.test.ts',
    operation: 'added',
    diff: '--- /dev/null\n+++ b/test/invoice.test.ts\n@@ -0,0 +1,3 @@\n+import { total } from "../src/invoice.ts";\n+\n+test("cents", () => assert.equal(total(LINES), 1001));\n',
    binary: false,
    additions: 3,
    deletions: 0,
  }),
  event('permission', {
    permissionId: 'q1',
    kind: 'bash',
    title: 'npm test',
    patterns: ['npm test'],
    callId: 'c3',
    decision: 'allow',
    decidedBy: 'runtimes.opencode.permissions',
  }),
  event('tool_call', { callId: 'c3', tool: 'bash', arguments: { command: 'npm test', description: 'Runs the tests' } }),
  event('output', { stream: 'stdout', text: '\u001b[32m✓\u001b[0m invoice totals (41 tests)\n' }),
  event('output', { stream: 'stderr', text: 'warning: 2 deprecated options\n' }),
  event('tool_result', {
    callId: 'c3',
    tool: 'bash',
    status: 'error',
    output: `${Array.from({ length: 40 }, (_, line) => `test ${line + 1}: ok`).join('\n')}\nexit 1`,
    title: 'npm test',
    durationMs: 2140,
    metadata: {},
  }),
  event('usage', {
    model: 'loopback/small',
    inputTokens: 12_430,
    outputTokens: 811,
    reasoningTokens: 96,
    cacheReadTokens: 0,
    cacheWriteTokens: 0,
    costUsd: 0.0213,
  }),
  event('error', { name: 'ToolFailed', message: 'npm test ended with 1', retryable: true }),
];

export async function makeSampleFleet(client: Client): Promise<SampleFleet> {
  const running = await started(client, {
    title: 'Raise the coverage of the parser',
    priority: 1,
    agentRole: 'tester',
  });
  await client.journal.append(running.id, [
    message('assistant', 'm1', 'I begin with the branches that no test enters.'),
  ]);
  const failed = await started(client, { title: 'Upgrade the date library', agentRole: 'coder', tags: ['chore'] });
  await client.sessions.fail(failed.id, { error: 'Two tests still fail after the upgrade' });
  const completed = await started(client, { title: 'Describe the release process', agentRole: 'writer' });
  await client.sessions.complete(completed.id, { result: { pages: 2 } });
  const paused = await started(client, { title: 'Move the queue to its own schema', priority: 0, agentRole: 'coder' });
  await client.sessions.pause(paused.id);
  await create(client, { title: 'Look for slow queries', sessionType: 'debug', priority: 3 });
  const rich = await started(client, {
    title: 'Mend the rounding in invoices',
    tags: ['billing', 'bug'],
    agentRole: 'coder',
    sessionType: 'debug',
  });
  await client.journal.append(rich.id, RICH_JOURNAL);
  await client.checkpoints.create(rich.id, { data: { step: 'tests written' } });
  const child = await started(client, { title: 'Check the currencies too', parentId: rich.id, agentRole: 'reviewer' });
  return { running, failed, completed, paused, rich, child };
}

export function create(client: Client, session: Partial<CreateSession> & { title: string }): Promise<Session> {
  return client.sessions.create({ initialPrompt: session.title, ...session });
}

/** A session driven by its caller, at work. */
export async function started(client: Client, session: Partial<CreateSession> & { title: string }): Promise<Session> {
  const { id } = await create(client, session);
  return client.sessions.start(id);
}

export function event(type: AppendEvent['type'], payload: AppendEvent['payload']): AppendEvent {
  return { type, actor: 'agent-1', payload };
}

export function message(role: string, messageId: string, text: string): AppendEvent {
  return event('message', { role, messageId, text, final: true });
}
