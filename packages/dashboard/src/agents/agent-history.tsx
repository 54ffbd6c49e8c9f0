import { Skeleton } from '@mantine/core';
import { type Agent, ApiError } from '@signalbox/client';
import {
  IconArrowBarRight,
  IconArrowBarToRight,
  IconGavel,
  IconHeartOff,
  IconLogin2,
  type IconProps,
} from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import type { ComponentType } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keepPrevious } from '../api/keep-previous.ts';
import { keys } from '../api/keys.ts';
import { auditEventSchema } from '../audit/audit-event.ts';
import { Age } from '../ui/age.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import type { Tone } from '../ui/status.ts';
import { type AgentEvent, agentEvents } from './agent-events.ts';
import classes from './agent-page.module.css';

const SHOWN = 30;

const LOOKS: Readonly<Record<AgentEvent['kind'], { icon: ComponentType<IconProps>; tone: Tone }>> = {
  registered: { icon: IconLogin2, tone: 'live' },
  dead: { icon: IconHeartOff, tone: 'danger' },
  decided: { icon: IconGavel, tone: 'idle' },
  gave: { icon: IconArrowBarRight, tone: 'caution' },
  took: { icon: IconArrowBarToRight, tone: 'done' },
};

/** What is recorded of an agent, the latest first. */
export function AgentHistory({ agent }: { agent: Agent }) {
  const { client, project } = useApi();
  const handoffs = useQuery({
    queryKey: [...keys.agents(project), 'handoffs', agent.id],
    queryFn: async ({ signal }) => {
      const [gave, took] = await Promise.all([
        client.agents.handoffs({ fromAgent: agent.id, pageSize: SHOWN }, { signal }),
        client.agents.handoffs({ toAgent: agent.id, pageSize: SHOWN }, { signal }),
      ]);
      return [...gave.items, ...took.items];
    },
  });
  const audit = useQuery({
    // A decision raises the version.
    queryKey: [...keys.agents(project), 'audit', agent.id, agent.version],
    queryFn: async ({ signal }) => {
      const query = { subjectType: 'agent', subjectId: agent.id, sortBy: 'at', sortOrder: 'desc' as const };
      const { items } = await client.audit.list({ ...query, pageSize: SHOWN }, { signal });
      return items.flatMap((item) => {
        const parsed = auditEventSchema.safeParse(item);
        return parsed.success ? [parsed.data] : [];
      });
    },
    placeholderData: keepPrevious([...keys.agents(project), 'audit', agent.id]),
  });
  const hidden = ApiError.is(audit.error) && audit.error.status === 403;
  const problem = handoffs.error ?? (hidden ? null : audit.error);
  const pending = handoffs.isPending || (audit.isPending && audit.error === null);
  return (
    <Panel title="History" note={hidden ? 'without the decisions of people, which this key may not read' : undefined}>
      {problem !== null && <ProblemNote error={problem} />}
      {pending && problem === null && <Skeleton height={80} m="sm" />}
      {!pending && (
        <ol className={classes.history}>
          {agentEvents(agent, handoffs.data ?? [], audit.data ?? []).map((event) => {
            const { icon: Icon, tone } = LOOKS[event.kind];
            return (
              <li key={event.key} className={classes.event}>
                <span className={classes.when}>
                  <Age since={event.at} />
                </span>
                <span className={classes.icon} data-tone={tone}>
                  <Icon size={13} aria-hidden />
                </span>
                <span className={classes.what}>
                  {event.what}
                  {event.detail !== null && <div className={classes.detail}>{event.detail}</div>}
                  {event.sessionId !== null && (
                    <div>
                      <Link to="/sessions/$sessionId" params={{ sessionId: event.sessionId }}>
                        its session
                      </Link>
                    </div>
                  )}
                </span>
              </li>
            );
          })}
        </ol>
      )}
    </Panel>
  );
}
