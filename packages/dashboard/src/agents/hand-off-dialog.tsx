import { Button, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import type { Agent } from '@signalbox/client';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useSessionTitles } from '../sessions/use-session-titles.ts';
import { notifyDone } from '../ui/notify.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { useAgents } from './use-agents.ts';

/** Agents that may get new work; whether one can take this session only the server knows. */
const TAKERS = { status: 'active,idle' };

/** Asks which session goes to whom and why, and hands it over. */
export function HandOffDialog({ agent, onClose }: { agent: Agent; onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const titles = useSessionTitles(agent.currentSessions);
  const takers = useAgents(TAKERS);
  const [sessionId, setSession] = useState<string | null>(agent.currentSessions[0] ?? null);
  const [toAgent, setTaker] = useState<string | null>(null);
  const [reason, setReason] = useState('');
  const [asked, setAsked] = useState(false);
  const handOver = useMutation({
    mutationFn: (given: { sessionId: string; toAgent: string }) =>
      client.agents.handOff({ ...given, fromAgent: agent.id, reason: reason.trim() }),
    onSuccess: ({ taskIds }) => {
      notifyDone(`Handed over with ${taskIds.length === 1 ? 'one task' : `${taskIds.length} tasks`}`);
      onClose();
    },
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.agents(project) }),
  });
  const missing = (value: string | null, what: string) =>
    asked && (value === null || value.trim() === '') ? what : undefined;
  return (
    <Modal opened onClose={onClose} title="Hand over a session">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          setAsked(true);
          if (sessionId !== null && toAgent !== null && reason.trim() !== '') handOver.mutate({ sessionId, toAgent });
        }}
      >
        <Stack gap="sm">
          <Text size="sm">
            The session’s tasks that {agent.id} holds, its locks and its journal become the other agent’s at once.
            Whatever {agent.id} still writes is refused.
          </Text>
          <Select
            label="Session"
            data={agent.currentSessions.map((id) => ({ value: id, label: titles.get(id) ?? id }))}
            value={sessionId}
            onChange={setSession}
            error={missing(sessionId, 'Say which session.')}
            withAsterisk
          />
          <Select
            label="To agent"
            description="Those that are active or idle"
            placeholder={takers.total === 0 ? 'No agent takes new work' : 'Choose one'}
            data={takers.items
              .filter(({ id }) => id !== agent.id)
              .map(({ id, load, maxLoad }) => ({ value: id, label: `${id} (${load} of ${maxLoad})` }))}
            value={toAgent}
            onChange={setTaker}
            error={missing(toAgent, 'Say who takes it.')}
            searchable
            openOnFocus={false}
            data-autofocus
            withAsterisk
          />
          <Textarea
            label="Reason"
            description="Stands in the audit and in the session’s journal"
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
            error={missing(reason, 'Say why.')}
            autosize
            minRows={2}
            withAsterisk
          />
          {takers.error !== null && <ProblemNote error={takers.error} />}
          {handOver.error !== null && <ProblemNote error={handOver.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={handOver.isPending}>
              Hand over
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
