import { Button, SegmentedControl } from '@mantine/core';
import type { RollbackAlert } from '@signalbox/client';
import { IconCheck, IconCircleCheck } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { formatCount } from '../ui/format.ts';
import { Listed } from '../ui/listed.tsx';
import { LookBadge } from '../ui/look-badge.tsx';
import { notifyProblem } from '../ui/notify.tsx';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import classes from './monitoring.module.css';
import { ALERT_WORDS, SEVERITY_LOOKS } from './rollback-looks.ts';
import { useAlerts } from './use-rollback.ts';

const route = getRouteApi('/rollback/monitoring');

/** What somebody should look at, and who said that it is dealt with. */
export function AlertsPanel() {
  const { alerts: which } = route.useSearch();
  const navigate = useNavigate({ from: '/rollback/monitoring' });
  const all = which === 'all';
  const list = useAlerts(!all);
  return (
    <Panel
      title="Alerts"
      note={
        <SegmentedControl
          size="xs"
          aria-label="Alerts shown"
          data={[
            { value: 'open', label: 'Open' },
            { value: 'all', label: 'All of the last day' },
          ]}
          value={all ? 'all' : 'open'}
          onChange={(value) =>
            void navigate({
              search: (before) => ({ ...before, alerts: value === 'all' ? 'all' : undefined }),
              replace: true,
            })
          }
        />
      }
    >
      <Listed
        list={list}
        blank={
          <Blank
            icon={<IconCircleCheck size={26} />}
            title={all ? 'Nothing was alerted about' : 'Nothing waits to be looked at'}
          />
        }
      >
        <AlertTable alerts={list.items} />
      </Listed>
    </Panel>
  );
}

function AlertTable({ alerts }: { alerts: readonly RollbackAlert[] }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const resolve = useMutation({
    mutationFn: (alert: RollbackAlert) => client.rollbackMonitoring.resolveAlert(alert.id),
    onError: (error) => notifyProblem(error, 'It could not be resolved'),
    onSettled: () => void queries.invalidateQueries({ queryKey: keys.rollback(project) }),
  });
  return (
    <div className={table.scroll}>
      <table className={table.table} aria-label="Alerts about rollbacks">
        <thead>
          <tr>
            <th>Severity</th>
            <th>About</th>
            <th>Seen</th>
            <th>First</th>
            <th>Last</th>
            <th>Resolved</th>
          </tr>
        </thead>
        <tbody>
          {alerts.map((alert) => (
            <tr key={alert.id} data-alert={alert.id}>
              <td>
                <LookBadge look={SEVERITY_LOOKS[alert.severity]} status={alert.severity} />
              </td>
              <td className={classes.alert}>
                <span className={table.strong}>{ALERT_WORDS[alert.type]}</span>
                <div>{alert.message}</div>
                {typeof alert.data.operationId === 'string' && (
                  <Link to="/rollback/operations/$operationId" params={{ operationId: alert.data.operationId }}>
                    The rollback
                  </Link>
                )}
              </td>
              <td>{alert.occurrences === 1 ? 'once' : `${formatCount(alert.occurrences)} times`}</td>
              <td>
                <Age since={alert.firstSeenAt} />
              </td>
              <td>
                <Age since={alert.timestamp} />
              </td>
              <td>
                {alert.resolved ? (
                  <>
                    {alert.resolvedBy === null ? 'by itself' : `by ${alert.resolvedBy}`},{' '}
                    <Age since={alert.resolvedAt} />
                  </>
                ) : (
                  <Button
                    size="compact-xs"
                    variant="default"
                    leftSection={<IconCheck size={13} aria-hidden />}
                    aria-label={`Resolve: ${alert.message}`}
                    loading={resolve.isPending && resolve.variables.id === alert.id}
                    onClick={() => resolve.mutate(alert)}
                  >
                    Resolve
                  </Button>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
