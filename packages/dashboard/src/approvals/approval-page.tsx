import { useHotkeys } from '@mantine/hooks';
import type { ApprovalRecord } from '@signalbox/client';
import { getRouteApi, Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { ReachPanel } from '../topology/reach-panel.tsx';
import { Age } from '../ui/age.tsx';
import { Copyable } from '../ui/copyable.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { Fact, Facts } from '../ui/facts.tsx';
import { formatDateTime } from '../ui/format.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Until } from '../ui/until.tsx';
import { APPROVAL_LOOKS } from './approval-looks.ts';
import { ApprovalTalk } from './approval-talk.tsx';
import { ApprovalVerbButtons } from './approval-verb-buttons.tsx';
import { type ApprovalVerb, VERBS, verbOfKey } from './approval-verbs.ts';
import classes from './approvals.module.css';
import { ChangePreview } from './change-preview.tsx';
import { ExactCall } from './exact-call.tsx';
import { useApproval } from './use-approvals.ts';
import { VerbDialog } from './verb-dialog.tsx';

const route = getRouteApi('/approvals/$approvalId');

/** One question to people: what exactly is asked for, why, who may answer until when, and what came of it. */
export function ApprovalPage() {
  const { approvalId } = route.useParams();
  const { data, error, refetch } = useApproval(approvalId);
  if (data === undefined) {
    return (
      <PageToCome title="Approval" error={error} onAgain={() => void refetch()}>
        <Link to="/approvals">All approvals</Link>
      </PageToCome>
    );
  }
  return (
    <>
      {error !== null && <ProblemNote error={error} />}
      <OneApproval key={approvalId} approval={data} />
    </>
  );
}

function OneApproval({ approval }: { approval: ApprovalRecord }) {
  const [verb, setVerb] = useState<ApprovalVerb | null>(null);
  const look = APPROVAL_LOOKS[approval.status];
  useHotkeys(
    Object.values(VERBS).map(({ key }) => [
      key,
      () => {
        const wanted = verbOfKey(key, approval);
        if (wanted !== null) setVerb(wanted);
      },
    ]),
  );
  return (
    <Page
      title={approval.tool ?? approval.subject}
      crumbs={
        <Crumbs>
          <Link to="/approvals">Approvals</Link>
          <Copyable text={approval.id} shown={`${approval.id.slice(0, 8)}…${approval.id.slice(-4)}`} label="id" />
        </Crumbs>
      }
      note={<LookBadge look={look} status={approval.status} />}
      actions={<ApprovalVerbButtons approval={approval} onChoose={setVerb} />}
    >
      <div className={classes.columns}>
        <div className={classes.column}>
          <Panel title="What is asked for">
            <div className={classes.inset}>
              <ExactCall approval={approval} />
              {approval.editedArguments !== null && (
                <>
                  <p className={classes.label}>Approved in its place</p>
                  <pre className={classes.exact}>{JSON.stringify(approval.editedArguments, null, 2)}</pre>
                </>
              )}
            </div>
          </Panel>
          <ReachPanel of="approval" id={approval.id} />
          <ChangePreview approval={approval} />
          <ApprovalTalk approval={approval} />
        </div>
        <Circumstances approval={approval} />
      </div>
      {verb !== null && <VerbDialog chosen={{ verb, approval }} onClose={() => setVerb(null)} />}
    </Page>
  );
}

function Circumstances({ approval }: { approval: ApprovalRecord }) {
  const { sessionId, taskId, policy, why, roles, quorum, approvals, status } = approval;
  const titles = useSessionTitles(sessionId === null ? [] : [sessionId]);
  return (
    <Panel title="Why, who, until when">
      <Facts>
        {policy !== null && (
          <Fact label="Rule">
            <Link to="/policies/$policy" params={{ policy: policy.policyId }}>
              {policy.name}
            </Link>{' '}
            <span className={classes.quiet}>
              {policy.ruleId}, version {policy.version}
            </span>
          </Fact>
        )}
        {why !== null && <Fact label="Why">{why}</Fact>}
        <Fact label="Asked by">{approval.requestedBy}</Fact>
        <Fact label="Asked">
          <Age since={approval.requestedAt} />
        </Fact>
        {sessionId !== null && (
          <Fact label="Session">
            <Link to="/sessions/$sessionId" params={{ sessionId }}>
              {titles.get(sessionId) ?? `…${sessionId.slice(-8)}`}
            </Link>
          </Fact>
        )}
        {taskId !== null && (
          <Fact label="Task">
            <Link to="/tasks/$taskId" params={{ taskId }}>
              …{taskId.slice(-8)}
            </Link>
          </Fact>
        )}
        <Fact label="May answer">{roles.join(', ')}, and roles above</Fact>
        <Fact label="Approved">
          {approvals} of {quorum}
        </Fact>
        {status === 'pending' ? (
          <Fact label="Time left">
            <span className={classes.left} data-tone="caution">
              <Until at={approval.expiresAt} past="over" />
            </span>{' '}
            <span className={classes.quiet}>then it is refused</span>
          </Fact>
        ) : (
          <>
            <Fact label="Decided by">{approval.decidedBy}</Fact>
            <Fact label="Decided">{formatDateTime(approval.decidedAt)}</Fact>
            {approval.reason !== null && <Fact label="Reason">{approval.reason}</Fact>}
            {status === 'approved' && (
              <Fact label="Used">{approval.usedAt === null ? 'not yet' : formatDateTime(approval.usedAt)}</Fact>
            )}
          </>
        )}
        {approval.remindedAt !== null && <Fact label="Reminded">{formatDateTime(approval.remindedAt)}</Fact>}
        {approval.escalatedAt !== null && <Fact label="Escalated">{formatDateTime(approval.escalatedAt)}</Fact>}
      </Facts>
    </Panel>
  );
}
