import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { BridgeLine } from './bridge-line.tsx';
import { Lamp } from './lamp.tsx';
import { readHealth } from './read-health.ts';
import { isGood } from './server-health.ts';
import classes from './system-page.module.css';

const REFRESH_MS = 10_000;

/** The parts of the server and how each is. */
export function Components() {
  const { client } = useApi();
  const { data, error } = useQuery({
    queryKey: keys.health(),
    queryFn: ({ signal }) => readHealth(client, signal),
    refetchInterval: REFRESH_MS,
  });
  const components = data?.components ?? [];
  return (
    <Panel title="Health" note={data?.status}>
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && components.length === 0 && <p className={classes.none}>The server names no components.</p>}
      <ul className={classes.runtimes}>
        {components.map(({ name, status, facts }) => (
          <li key={name}>
            <span className={classes.name}>{name}</span>
            <Lamp good={isGood(status)} label={status} />
            {facts !== '' && <p className={classes.detail}>{facts}</p>}
          </li>
        ))}
        <BridgeLine refetchInterval={REFRESH_MS} />
      </ul>
    </Panel>
  );
}
