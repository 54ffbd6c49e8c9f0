import type { BridgeHealth } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Lamp } from './lamp.tsx';
import classes from './system-page.module.css';

const GRAPH_WORDS: Readonly<Record<BridgeHealth['knowledgeGraph'], string>> = {
  ok: 'ok',
  failed: 'does not answer',
  not_configured: 'there is none',
};

/** Whether sessions and the code graph of the project answer: the one component that is a project's. */
export function BridgeLine({ refetchInterval }: { refetchInterval: number }) {
  const { client, project } = useApi();
  const { data, error } = useQuery({
    queryKey: keys.bridgeHealth(project),
    queryFn: ({ signal }) => client.bridge.health({ signal }),
    refetchInterval,
  });
  return (
    <li>
      <span className={classes.name}>session bridge</span>
      {data !== undefined && (
        <Lamp good={data.healthy} label={data.healthy ? 'ok' : data.bridge ? 'in part' : 'down'} />
      )}
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && (
        <p className={classes.detail}>
          sessions: {data.sessionManager ? 'ok' : 'do not answer'} · code graph: {GRAPH_WORDS[data.knowledgeGraph]}
        </p>
      )}
    </li>
  );
}
