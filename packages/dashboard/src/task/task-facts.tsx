import type { Task } from '@signalbox/client';
import { Link } from '@tanstack/react-router';
import { Age } from '../ui/age.tsx';
import { Copyable } from '../ui/copyable.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatDateTime, NOTHING } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { PRIORITIES } from '../ui/priority.ts';

/** What a task is, where it stands, and whom it belongs to. */
export function TaskFacts({ task }: { task: Task }) {
  return (
    <Panel title="Facts">
      <Facts>
        <Fact label="Queue">
          <Link to="/queues/$queue" params={{ queue: task.queue }}>
            {task.queue}
          </Link>
        </Fact>
        <Fact label="Priority">{PRIORITIES[task.priority]?.label ?? task.priority}</Fact>
        <Fact label="Created">
          <Age since={task.createdAt} /> by {task.createdBy ?? 'nobody named'}
        </Fact>
        <Fact label="May start">{formatDateTime(task.runAt)}</Fact>
        {task.deadline !== null && <Fact label="Deadline">{formatDateTime(task.deadline)}</Fact>}
        {task.finishedAt !== null && <Fact label="Over">{formatDateTime(task.finishedAt)}</Fact>}
        <Fact label="Agent">{task.claimedBy ?? NOTHING}</Fact>
        {task.claimExpiresAt !== null && <Fact label="Claim holds until">{formatDateTime(task.claimExpiresAt)}</Fact>}
        {task.required.length > 0 && <Fact label="Requires">{task.required.join(', ')}</Fact>}
        {task.sessionId !== null && (
          <Fact label="Session">
            <Link to="/sessions/$sessionId" params={{ sessionId: task.sessionId }}>
              {task.sessionId}
            </Link>
          </Fact>
        )}
        {task.concurrencyKey !== null && <Fact label="Concurrency key">{task.concurrencyKey}</Fact>}
        {task.uniqueKey !== null && <Fact label="Unique key">{task.uniqueKey}</Fact>}
        {task.idempotencyKey !== null && <Fact label="Idempotency key">{task.idempotencyKey}</Fact>}
        <Fact label="Trace">
          {task.traceId === null ? (
            NOTHING
          ) : (
            <>
              <Copyable text={task.traceId} label="trace id" />{' '}
              <Link to="/tasks" search={{ trace: task.traceId }}>
                Tasks of this trace
              </Link>
            </>
          )}
        </Fact>
        <Fact label="Id">
          <Copyable text={task.id} label="task id" />
        </Fact>
      </Facts>
    </Panel>
  );
}
