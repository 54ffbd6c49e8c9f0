import { Button, Loader, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { IconShieldOff } from '@tabler/icons-react';
import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { SINCE_HOURS } from '../sessions/session-filters.ts';
import { Blank } from '../ui/blank.tsx';
import { currentTime } from '../ui/clock.ts';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import { auditEventSchema } from './audit-event.ts';
import { AuditExport } from './audit-export.tsx';
import classes from './audit-page.module.css';
import { AuditRow } from './audit-row.tsx';
import { ChainState } from './chain-state.tsx';

const route = getRouteApi('/audit');
const PAGE_SIZE = 50;
const TYPING_MS = 220;
type Filters = { actor?: string; action?: string; subject?: string; since?: string };

/** Who did what to what. */
export function AuditPage() {
  const { client, project } = useApi();
  const { actor, action, subject, since } = route.useSearch();
  const filters = useMemo<Filters>(
    () =>
      Object.fromEntries(Object.entries({ actor, action, subject, since }).filter(([, value]) => value !== undefined)),
    [actor, action, subject, since],
  );
  const pages = useInfiniteQuery({
    queryKey: [...keys.audit(project), filters],
    queryFn: ({ pageParam, signal }) =>
      client.audit.list({ ...queryOf(filters), page: pageParam, pageSize: PAGE_SIZE }, { signal }),
    initialPageParam: 1,
    getNextPageParam: (last) => (last.page * last.pageSize < last.total ? last.page + 1 : undefined),
    refetchInterval: 15_000,
  });
  const items = pages.data?.pages.flatMap((page) => page.items) ?? [];
  const events = items.flatMap((item) => {
    const parsed = auditEventSchema.safeParse(item);
    return parsed.success ? [parsed.data] : [];
  });
  const total = pages.data?.pages[0]?.total;
  return (
    <Page title="Audit" actions={<AuditExport query={queryOf(filters)} total={total ?? 0} />}>
      <ChainState />
      <AuditFilters filters={filters} />
      {pages.error !== null && <ProblemNote error={pages.error} />}
      {pages.isPending && <Loader size="sm" aria-label="Loading the audit" />}
      {pages.data !== undefined && items.length === 0 && (
        <Blank icon={<IconShieldOff size={28} />} title="Nothing fits these filters" />
      )}
      {events.length > 0 && (
        <Panel title={`${total} ${total === 1 ? 'event' : 'events'}`} note="newest first">
          <div className={table.scroll}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th>When</th>
                  <th>Who</th>
                  <th>What</th>
                  <th>To what</th>
                  <th>Changes</th>
                </tr>
              </thead>
              <tbody>
                {events.map((event) => (
                  <AuditRow key={event.id} event={event} />
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
      {items.length > events.length && (
        <p className={classes.odd}>{items.length - events.length} events have a shape that this page does not know.</p>
      )}
      {pages.hasNextPage && (
        <Button
          variant="default"
          size="xs"
          className={classes.more}
          loading={pages.isFetchingNextPage}
          onClick={() => void pages.fetchNextPage()}
        >
          Show earlier events
        </Button>
      )}
    </Page>
  );
}

function AuditFilters({ filters }: { filters: Filters }) {
  const navigate = useNavigate({ from: '/audit' });
  const set = (name: keyof Filters, value: string | null) =>
    void navigate({
      search: (before) => ({ ...before, [name]: value === null || value === '' ? undefined : value }),
      replace: true,
    });
  const type = useDebouncedCallback((name: keyof Filters, value: string) => set(name, value.trim()), TYPING_MS);
  const field = (name: 'actor' | 'action' | 'subject', label: string, placeholder: string) => (
    <TextInput
      key={name}
      aria-label={label}
      placeholder={placeholder}
      size="xs"
      defaultValue={filters[name] ?? ''}
      onChange={(event) => type(name, event.currentTarget.value)}
    />
  );
  return (
    <search className={classes.filters} aria-label="Filters">
      {field('actor', 'Actor', 'Actor')}
      {field('action', 'Action', 'Action, as session.cancel')}
      {field('subject', 'Subject', 'Id of the subject')}
      <Select
        aria-label="When"
        placeholder="Any time"
        size="xs"
        clearable
        data={Object.entries(SINCE_HOURS).map(([value, { label }]) => ({ value, label }))}
        value={filters.since ?? null}
        onChange={(value) => set('since', value)}
      />
    </search>
  );
}

function queryOf({ actor, action, subject, since }: Filters): Record<string, string> {
  const hours = since === undefined ? undefined : SINCE_HOURS[since]?.hours;
  return {
    sortBy: 'at',
    sortOrder: 'desc',
    ...(actor === undefined ? {} : { 'actor.ilike': `%${actor}%` }),
    ...(action === undefined ? {} : { 'action.ilike': `%${action}%` }),
    ...(subject === undefined ? {} : { subjectId: subject }),
    ...(hours === undefined ? {} : { 'at.gte': new Date(currentTime().getTime() - hours * 3_600_000).toISOString() }),
  };
}
