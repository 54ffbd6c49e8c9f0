import { Button, NumberInput, Switch } from '@mantine/core';
import type { Policy, PolicyInput, UpdatePolicy } from '@signalbox/client';
import { IconTrash } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { ActionButton } from '../ui/action-button.tsx';
import { confirm } from '../ui/confirm.tsx';
import { Crumbs } from '../ui/crumbs.tsx';
import { notifyDone, notifyProblem } from '../ui/notify.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { DryRunPanel } from './dry-run-panel.tsx';
import { ExplainPanel } from './explain-panel.tsx';
import classes from './policies.module.css';
import { PolicyEditor } from './policy-editor.tsx';
import { policyText } from './policy-text.ts';
import { useCheckedText } from './use-checked-text.ts';
import { usePoliciesChanged, usePolicy } from './use-policies.ts';
import { VersionsPanel } from './versions-panel.tsx';

const route = getRouteApi('/policies/$policy');

/** One policy: its text, what it would say, and what it was before. */
export function PolicyPage() {
  const { policy: reference } = route.useParams();
  const { data, error, refetch } = usePolicy(reference);
  if (data === undefined) {
    return (
      <PageToCome title="Policy" error={error} onAgain={() => void refetch()}>
        <Link to="/policies">All policies</Link>
      </PageToCome>
    );
  }
  return <OnePolicy key={data.id} policy={data} />;
}

function OnePolicy({ policy }: { policy: Policy }) {
  const { client } = useApi();
  const navigate = useNavigate();
  const changed = usePoliciesChanged();
  const stored = policyText(policy.document);
  // What somebody types is based on the version that was there when they began, and is refused over another.
  const [draft, setDraft] = useState<{ text: string; version: number } | null>(null);
  const text = draft?.text ?? stored;
  const checked = useCheckedText(text);
  const save = useMutation({
    mutationFn: ({ version, change }: { version: number; change: UpdatePolicy; clears: boolean }) =>
      client.policies.update(policy.id, version, change),
    onSuccess: (saved, { clears }) => {
      if (clears) setDraft(null);
      notifyDone(`Version ${saved.version} of ${saved.name} is in force.`);
      if (saved.name !== policy.name)
        void navigate({ to: '/policies/$policy', params: { policy: saved.id }, replace: true });
    },
    onError: (error) => notifyProblem(error, 'The policy was not changed'),
    onSettled: changed,
  });
  const remove = useMutation({
    mutationFn: () => client.policies.delete(policy.id, policy.version),
    onSuccess: () => {
      notifyDone(`Removed ${policy.name}.`);
      void navigate({ to: '/policies' });
    },
    onError: (error) => notifyProblem(error, 'The policy was not removed'),
    onSettled: changed,
  });
  const write = (change: UpdatePolicy, version = policy.version, clears = false) =>
    save.mutate({ version, change, clears });
  const overtaken = draft !== null && draft.version !== policy.version;
  return (
    <Page
      title={policy.name}
      crumbs={
        <Crumbs>
          <Link to="/policies">Policies</Link>
        </Crumbs>
      }
      note={`version ${policy.version}${policy.sessionId === null ? '' : ', for one session'}`}
      actions={
        <>
          <Switch
            size="sm"
            label="In force"
            checked={policy.enabled}
            onChange={(event) => write({ enabled: event.currentTarget.checked })}
          />
          <ActionButton
            label="Remove…"
            icon={IconTrash}
            loading={remove.isPending}
            ask={{
              title: `Remove ${policy.name}?`,
              body: 'Its rules hold no more from the next call on. Its versions stay in the record.',
              confirm: 'Remove policy',
              grave: true,
              onConfirm: () => remove.mutate(),
            }}
          />
        </>
      }
    >
      <Panel title="Rules" note="the first that matches decides">
        <div className={classes.inset}>
          <PolicyEditor
            text={text}
            onChange={(next) => setDraft({ text: next, version: draft?.version ?? policy.version })}
            checked={checked}
          />
          {overtaken && (
            <p className={classes.overtaken} data-tone="caution" role="alert">
              Version {policy.version} came meanwhile. Saving this is refused; compare it below, or begin anew.
            </p>
          )}
          <div className={classes.row}>
            <Button
              size="xs"
              disabled={draft === null || checked.document === null || text === stored}
              loading={save.isPending}
              onClick={() => checked.document !== null && write({ document: checked.document }, draft?.version, true)}
            >
              Save as a new version
            </Button>
            <Button size="xs" variant="default" disabled={draft === null} onClick={() => setDraft(null)}>
              Begin anew
            </Button>
            <Position position={policy.position} onChange={(position) => write({ position })} />
          </div>
        </div>
      </Panel>
      <DryRunPanel document={checked.document} />
      <ExplainPanel document={checked.document} />
      <VersionsPanel
        id={policy.id}
        current={policy.version}
        text={text}
        onRestore={(version) =>
          confirm({
            title: `Restore version ${version.version}?`,
            body: 'Its rules become a new version, which is in force at once. What holds now stays among the versions.',
            confirm: 'Restore',
            onConfirm: () => write({ document: version.document as PolicyInput }, policy.version, true),
          })
        }
      />
    </Page>
  );
}

/** Policies with lower positions are asked first. */
function Position({ position, onChange }: { position: number; onChange: (position: number) => void }) {
  const [typed, setTyped] = useState<number | string>(position);
  return (
    <NumberInput
      aria-label="Position"
      title="Policies with lower positions are asked first"
      prefix="position "
      size="xs"
      min={0}
      max={1_000_000}
      value={typed}
      onChange={setTyped}
      onBlur={() => typeof typed === 'number' && typed !== position && onChange(typed)}
      className={classes.position}
    />
  );
}
