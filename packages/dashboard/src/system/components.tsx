import { useQuery } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { readHealth } from './read-health.ts';
import { isGood } from './server-health.ts';
import classes from './system-page.module.css';
import { Lamp } from './system-page.tsx';

/** The parts of the server and how each is. */
export function Components() {
  const { client } = useApi();
  const { data, error } = useQuery({
    queryKey: keys.health(),
    queryFn: ({ signal }) => readHealth(client, signal),
    refetchInterval: 10_000,
  });
  const components = Object.entries(data?.components ?? {});
  return (
    <Panel title="Health" note={data?.status}>
      {error !== null && <ProblemNote error={error} />}
      {data !== undefined && components.length === 0 && (
        <p className={classes.detail}>The server names no components.</p>
      )}
      <ul className={classes.runtimes}>
        {components.map(([name, { status, ...rest }]) => (
          <li key={name}>
            <span className={classes.name}>{name}</span>
            <Lamp good={isGood(status)} label={status} />
            {Object.keys(rest).length > 0 && (
              <p className={classes.detail}>
                {Object.entries(rest)
                  .filter(([, value]) => value !== null)
                  .map(([key, value]) => `${key}: ${typeof value === 'object' ? JSON.stringify(value) : value}`)
                  .join(' · ')}
              </p>
            )}
          </li>
        ))}
      </ul>
    </Panel>
  );
}
