import type { Message, StreamResponse, TaskStatus } from '@a2a-js/sdk';
import { artifactsOf, contextIdOf, messagesOf, type SessionView, statusOf, taskOf } from './session-task.ts';

/**
 * What a reader is told who saw `before` last: at first the task as it is, then what its agent said since, its answer, and
 * its state where that is another one.
 */
export function updatesOf(before: SessionView | null, view: SessionView): StreamResponse[] {
  if (before === null) return [{ payload: { $case: 'task', value: taskOf(view, null) } }];
  const status = statusOf(view);
  const known = new Set(messagesOf(before).map(({ messageId }) => messageId));
  const said = messagesOf(view).filter(({ messageId }) => !known.has(messageId));
  const told = said.map((message) => statusUpdate(view, { ...statusOf(before), message }));
  const artifacts = artifactsOf(before).length === 0 ? artifactsOf(view) : [];
  const answers = artifacts.map(
    (artifact): StreamResponse => ({
      payload: {
        $case: 'artifactUpdate',
        value: { ...about(view), artifact, append: false, lastChunk: true, metadata: undefined },
      },
    }),
  );
  const moved = textIn(status.message) !== textIn(statusOf(before).message);
  return [...told, ...answers, ...(moved ? [statusUpdate(view, status)] : [])];
}

function statusUpdate(view: SessionView, status: TaskStatus): StreamResponse {
  return { payload: { $case: 'statusUpdate', value: { ...about(view), status, metadata: undefined } } };
}

function about({ session }: SessionView) {
  return { taskId: session.id, contextId: contextIdOf(session) };
}

function textIn(message: Message | undefined): string {
  const content = message?.parts[0]?.content;
  return content?.$case === 'text' ? content.value : '';
}
