import { Button, Textarea } from '@mantine/core';
import type { ApprovalRecord } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { Age } from '../ui/age.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './approvals.module.css';
import { useApprovalsChanged } from './use-approvals.ts';

const LONGEST = 10_000;

/** Who answered how, what was said without deciding, and a place to say something. */
export function ApprovalTalk({ approval }: { approval: ApprovalRecord }) {
  const { votes, comments } = approval;
  const said = [
    ...votes.map(({ actor, verdict, reason, at }) => ({
      key: `vote ${actor}`,
      who: actor,
      what: verdict === 'approve' ? 'approved' : 'rejected',
      text: reason,
      at,
    })),
    ...comments.map(({ id, actor, text, at }) => ({ key: id, who: actor, what: 'said', text, at })),
  ].sort((a, b) => a.at.localeCompare(b.at));
  return (
    <Panel title="Answers and comments">
      <div className={classes.inset}>
        {said.length === 0 && <p className={classes.quiet}>Nobody has said anything yet.</p>}
        <ul className={classes.talk}>
          {said.map(({ key, who, what, text, at }) => (
            <li key={key} className={classes.said}>
              <div className={classes.saidHead}>
                <strong>{who}</strong> {what} <Age since={at} />
              </div>
              {text !== null && <p className={classes.saidText}>{text}</p>}
            </li>
          ))}
        </ul>
        <CommentForm id={approval.id} />
      </div>
    </Panel>
  );
}

function CommentForm({ id }: { id: string }) {
  const { client } = useApi();
  const changed = useApprovalsChanged();
  const [text, setText] = useState('');
  const say = useMutation({
    mutationFn: () => client.approvals.comment(id, text.trim()),
    onSuccess: () => setText(''),
    onSettled: changed,
  });
  return (
    <form
      noValidate
      className={classes.talk}
      onSubmit={(event) => {
        event.preventDefault();
        if (text.trim() !== '') say.mutate();
      }}
    >
      <Textarea
        label="Comment"
        description="Decides nothing"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
        maxLength={LONGEST}
        autosize
        minRows={2}
        maxRows={10}
      />
      {say.error !== null && <ProblemNote error={say.error} />}
      <Button size="xs" variant="default" type="submit" loading={say.isPending} disabled={text.trim() === ''}>
        Comment
      </Button>
    </form>
  );
}
