import { Skeleton } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import type { ReactNode } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Age } from '../ui/age.tsx';
import { Copyable } from '../ui/copyable.tsx';
import { formatDuration, NOTHING } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { Components } from './components.tsx';
import { Lamp } from './lamp.tsx';
import { SignedIn } from './signed-in.tsx';
import classes from './system-page.module.css';

const REFRESH_MS = 10_000;

/** The server itself: how it is, what it runs on, what it can execute. */
export function SystemPage() {
  const { client } = useApi();
  const system = useQuery({
    queryKey: keys.system(),
    queryFn: ({ signal }) => client.server.system({ signal }),
    refetchInterval: REFRESH_MS,
  });
  const runtimes = useQuery({
    queryKey: keys.runtimes(),
    queryFn: ({ signal }) => client.server.runtimes({ signal }),
  });
  const info = system.data;
  return (
    <Page title="System" note={info === undefined ? undefined : `Signalbox ${info.version}`}>
      {system.error !== null && <ProblemNote error={system.error} />}
      {info?.notices.map((notice) => (
        <p key={notice} className={classes.notice} data-tone="caution">
          <IconAlertTriangle size={15} aria-hidden /> {notice}
        </p>
      ))}
      <div className={classes.columns}>
        <Panel title="Server">
          {info === undefined ? (
            <Skeleton height={120} m="sm" />
          ) : (
            <dl className={classes.facts}>
              <Fact label="Node" value={<Copyable text={info.nodeId} label="node id" />} />
              <Fact label="Roles" value={info.roles.join(', ')} />
              <Fact label="Started" value={<Age since={info.startedAt} />} />
              <Fact label="Data" value={<Copyable text={info.dataDir} label="path" />} />
              <Fact
                label="Access"
                value={info.auth === 'required' ? 'with an API key' : 'open, on this machine only'}
              />
              <SignedIn />
            </dl>
          )}
        </Panel>
        <Panel title="Database">
          {info === undefined ? (
            <Skeleton height={120} m="sm" />
          ) : (
            <dl className={classes.facts}>
              <Fact label="Kind" value={info.database.kind} />
              <Fact label="Version" value={info.database.version ?? NOTHING} />
              <Fact
                label="State"
                value={<Lamp good={info.database.available} label={info.database.available ? 'available' : 'away'} />}
              />
              <Fact
                label="Answers in"
                value={info.database.latencyMs === null ? NOTHING : formatDuration(info.database.latencyMs / 1000)}
              />
            </dl>
          )}
        </Panel>
        <Panel title="Runtimes" note="what sessions can be executed with">
          {runtimes.error !== null && <ProblemNote error={runtimes.error} />}
          {runtimes.isPending && <Skeleton height={60} m="sm" />}
          <ul className={classes.runtimes}>
            {runtimes.data?.items.map((runtime) => (
              <li key={runtime.name}>
                <span className={classes.name}>{runtime.name}</span>
                <Lamp
                  good={runtime.available}
                  label={runtime.available ? (runtime.version ?? 'available') : 'missing'}
                />
                <p className={classes.detail}>
                  {runtime.available ? runtime.detail : [runtime.reason, runtime.advice].filter(Boolean).join('. ')}
                </p>
              </li>
            ))}
          </ul>
        </Panel>
        <Components />
      </div>
    </Page>
  );
}

function Fact({ label, value }: { label: string; value: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{value}</dd>
    </div>
  );
}
