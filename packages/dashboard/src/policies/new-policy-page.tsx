import { Button } from '@mantine/core';
import type { PolicyInput } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { notifyDone } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { DryRunPanel } from './dry-run-panel.tsx';
import { ExplainPanel } from './explain-panel.tsx';
import classes from './policies.module.css';
import { PolicyEditor } from './policy-editor.tsx';
import { FIRST_TEXT } from './policy-text.ts';
import { useCheckedText } from './use-checked-text.ts';
import { usePoliciesChanged } from './use-policies.ts';

/** A policy that is not kept yet: written, tried, and then made. */
export function NewPolicyPage() {
  const { client } = useApi();
  const navigate = useNavigate();
  const changed = usePoliciesChanged();
  const [text, setText] = useState(FIRST_TEXT);
  const checked = useCheckedText(text);
  const create = useMutation({
    mutationFn: (document: PolicyInput) => client.policies.create({ document }),
    onSuccess: (policy) => {
      notifyDone(`${policy.name} is in force.`);
      void navigate({ to: '/policies/$policy', params: { policy: policy.id } });
    },
    onSettled: changed,
  });
  return (
    <Page
      title="New policy"
      crumbs={
        <Crumbs>
          <Link to="/policies">Policies</Link>
        </Crumbs>
      }
    >
      <Panel title="Rules" note="the first that matches decides">
        <div className={classes.inset}>
          <PolicyEditor text={text} onChange={setText} checked={checked} />
          {create.error !== null && <ProblemNote error={create.error} />}
          <div className={classes.row}>
            <Button
              size="xs"
              disabled={checked.document === null}
              loading={create.isPending}
              onClick={() => checked.document !== null && create.mutate(checked.document)}
            >
              Make the policy
            </Button>
          </div>
        </div>
      </Panel>
      <DryRunPanel document={checked.document} />
      <ExplainPanel document={checked.document} />
    </Page>
  );
}
