import { Button, Select, TextInput } from '@mantine/core';
import type { PolicyInput } from '@signalbox/client';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { useWorkspaces } from '../sessions/use-workspace-names.ts';
import { LookBadge } from '../ui/look-badge.tsx';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './policies.module.css';
import { EFFECT_LOOKS } from './policy-looks.ts';

/** Tools by what their first argument is. */
const COMMAND_TOOLS = ['bash'];
const TOOLS = [...COMMAND_TOOLS, 'edit', 'write', 'read', 'webfetch'];

/** Why a call that nobody made would be let pass, held or refused. */
export function ExplainPanel({ document }: { document: PolicyInput | null }) {
  const { client } = useApi();
  const workspaces = useWorkspaces().data?.items ?? [];
  const [tool, setTool] = useState('bash');
  const [said, setSaid] = useState('');
  const [workspace, setWorkspace] = useState<string | null>(null);
  const isCommand = COMMAND_TOOLS.includes(tool);
  const name = isCommand ? 'command' : tool === 'webfetch' ? 'url' : 'filePath';
  const ask = useMutation({
    mutationFn: (tried: PolicyInput) =>
      client.policies.explain({ document: tried, tool, arguments: { [name]: said }, workspaceId: workspace }),
  });
  return (
    <Panel title="A call that nobody made" note="what this policy would say, and why">
      <form
        noValidate
        className={classes.inset}
        onSubmit={(event) => {
          event.preventDefault();
          if (document !== null && said.trim() !== '') ask.mutate(document);
        }}
      >
        <div className={classes.row}>
          <Select
            label="Tool"
            size="xs"
            data={TOOLS}
            value={tool}
            allowDeselect={false}
            onChange={(value) => setTool(value ?? 'bash')}
          />
          <TextInput
            label={isCommand ? 'Command' : name === 'url' ? 'Address' : 'Path'}
            size="xs"
            className={classes.grow}
            value={said}
            placeholder={isCommand ? 'ls && rm -rf build' : undefined}
            onChange={(event) => setSaid(event.currentTarget.value)}
          />
          <Select
            label="Workspace"
            size="xs"
            clearable
            placeholder="None"
            data={workspaces.map(({ id, name: label }) => ({ value: id, label }))}
            value={workspace}
            onChange={setWorkspace}
          />
          <Button
            type="submit"
            size="xs"
            variant="default"
            loading={ask.isPending}
            disabled={document === null || said.trim() === ''}
          >
            Explain
          </Button>
        </div>
        {ask.error !== null && <ProblemNote error={ask.error} />}
        {ask.data !== undefined && (
          <section aria-label="Explanation">
            <LookBadge look={EFFECT_LOOKS[ask.data.effect]} status={ask.data.effect} />{' '}
            {ask.data.rule === null ? 'by default' : `by “${ask.data.rule.name}”`}
            <ul className={classes.explanation}>
              {ask.data.explanation.map((line, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: lines of one answer never move
                <li key={index}>{line}</li>
              ))}
            </ul>
          </section>
        )}
      </form>
    </Panel>
  );
}
