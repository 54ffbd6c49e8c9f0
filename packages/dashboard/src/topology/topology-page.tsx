import { Select, Switch } from '@mantine/core';
import type { ServiceMap as ServiceMapData } from '@signalbox/client';
import { IconTopologyStar3 } from '@tabler/icons-react';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import bar from '../list/filter-bar.module.css';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Page, Panel } from '../ui/page.tsx';
import { PageToCome } from '../ui/page-to-come.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import { CyclePanel } from './cycle-panel.tsx';
import { DependencyTable } from './dependency-table.tsx';
import { focusMap } from './map-focus.ts';
import { ServiceMap } from './service-map.tsx';
import classes from './topology.module.css';
import { useCycleAlerts, useServiceMap } from './use-topology.ts';

const route = getRouteApi('/topology');

interface Search {
  environment?: string | undefined;
  stale?: string | undefined;
  service?: string | undefined;
}

/** Which services there are, what depends on what, and where that runs in circles. */
export function TopologyPage() {
  const { environment, stale, service }: Search = route.useSearch();
  const navigate = useNavigate({ from: '/topology' });
  const change = (next: Search) => void navigate({ search: (before) => ({ ...before, ...next }), replace: true });
  const map = useServiceMap(environment);
  const cycles = useCycleAlerts();
  if (map.data === undefined) {
    return <PageToCome title="Services" error={map.error} onAgain={() => void map.refetch()} />;
  }
  const { services, environments, truncated } = map.data;
  const alerts = (cycles.data?.items ?? []).filter(
    (alert) => environment === undefined || alert.environment === null || alert.environment === environment,
  );
  if (services.length === 0) {
    return (
      <Page title="Services">
        <Blank icon={<IconTopologyStar3 size={28} />} title="No service is known yet">
          The map is read out of what is there: <code>signalbox topology ingest compose.yaml --format compose</code>, a
          Backstage catalog, Kubernetes manifests, or traces.
        </Blank>
      </Page>
    );
  }
  const shown = shownOf(map.data, stale !== 'hidden');
  const drawn = focusMap(shown, alerts, service);
  const ofChosen =
    service === undefined ? shown.edges : shown.edges.filter((one) => one.source === service || one.target === service);
  return (
    <Page title="Services">
      {map.error !== null && <ProblemNote error={map.error} />}
      {cycles.error !== null && <ProblemNote error={cycles.error} />}
      <search className={bar.bar} aria-label="Filters">
        {environments.length > 0 && (
          <Select
            aria-label="Environment"
            placeholder="Every environment"
            data={environments}
            value={environment ?? null}
            onChange={(value) => change({ environment: value ?? undefined })}
            size="xs"
            clearable
          />
        )}
        <Select
          aria-label="Service"
          placeholder="Find a service"
          data={services.map(({ key }) => key)}
          value={service ?? null}
          onChange={(value) => change({ service: value ?? undefined })}
          size="xs"
          searchable
          clearable
        />
        <Switch
          label="Stale dependencies"
          size="xs"
          checked={stale !== 'hidden'}
          onChange={(event) => change({ stale: event.currentTarget.checked ? undefined : 'hidden' })}
        />
      </search>
      <Panel
        title={`${formatCount(services.length)} ${services.length === 1 ? 'service' : 'services'}`}
        note={
          truncated ? 'there are more than are known here' : noteOf(drawn.services.length, services.length, service)
        }
      >
        <ServiceMap map={drawn} alerts={alerts} chosen={service} onChoose={(key) => change({ service: key })} />
        <ul className={classes.legend} aria-label="Legend">
          <li data-kind="link">depends on</li>
          <li data-kind="cyclic">part of a circle</li>
          <li data-kind="stale">not seen for long</li>
        </ul>
      </Panel>
      <CyclePanel alerts={alerts} />
      <Panel
        title={`${formatCount(ofChosen.length)} ${ofChosen.length === 1 ? 'dependency' : 'dependencies'}`}
        note={service === undefined ? undefined : `of ${service}`}
      >
        <DependencyTable edges={ofChosen} />
      </Panel>
    </Page>
  );
}

function noteOf(drawn: number, all: number, chosen: string | undefined): string {
  if (drawn === all) return 'each at the left of what it depends on';
  if (chosen !== undefined) return `the ${drawn} nearest to ${chosen}`;
  return `${drawn} are drawn: those in circles, the most critical, and what most depend on; choose one to see what is around it`;
}

function shownOf(map: ServiceMapData, withStale: boolean): ServiceMapData {
  return withStale ? map : { ...map, edges: map.edges.filter(({ stale }) => !stale) };
}
