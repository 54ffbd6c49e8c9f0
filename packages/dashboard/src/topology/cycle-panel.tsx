import { Button, Group } from '@mantine/core';
import type { CycleAlert } from '@signalbox/client';
import { Age } from '../ui/age.tsx';
import { Panel } from '../ui/page.tsx';
import table from '../ui/table.module.css';
import { useCycleVerb } from './use-topology.ts';

/** Circles that nobody has resolved, and what can be said to them. */
export function CyclePanel({ alerts }: { alerts: readonly CycleAlert[] }) {
  const verb = useCycleVerb();
  if (alerts.length === 0) return null;
  return (
    <Panel
      title={`${alerts.length} ${alerts.length === 1 ? 'circle' : 'circles'}`}
      note="services that depend on each other; gone ones are resolved by themselves"
    >
      <div className={table.scroll}>
        <table className={table.table}>
          <thead>
            <tr>
              <th>Circle</th>
              <th>Where</th>
              <th>Since</th>
              <th>State</th>
              <th>
                <span className={table.muted}>Verbs</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {alerts.map(({ id, path, environment, detectedAt, timesDetected, status, acknowledgedBy }) => (
              <tr key={id} data-cycle={path.join(' ')}>
                <td className={table.strong}>{[...path, path[0]].join(' → ')}</td>
                <td>{environment ?? 'everywhere'}</td>
                <td>
                  <Age since={detectedAt} />
                  {timesDetected > 1 && <span className={table.muted}>, found {timesDetected} times</span>}
                </td>
                <td>{status === 'open' ? 'open' : `acknowledged by ${acknowledgedBy}`}</td>
                <td>
                  <Group gap="xs" wrap="nowrap">
                    {status === 'open' && (
                      <Button
                        size="compact-xs"
                        variant="default"
                        loading={verb.isPending}
                        onClick={() => verb.mutate({ id, verb: 'acknowledge' })}
                      >
                        Acknowledge
                      </Button>
                    )}
                    <Button
                      size="compact-xs"
                      variant="default"
                      loading={verb.isPending}
                      onClick={() => verb.mutate({ id, verb: 'resolve' })}
                    >
                      Resolve
                    </Button>
                  </Group>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Panel>
  );
}
