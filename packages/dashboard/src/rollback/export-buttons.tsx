import { Button } from '@mantine/core';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { notifyProblem } from '../ui/notify.tsx';
import { saveAs } from '../ui/save-as.ts';

/** The figures for other programs, as files. */
export function ExportButtons() {
  const { client } = useApi();
  const json = useMutation({
    mutationFn: async () =>
      saveAs(
        'rollback-monitoring.json',
        'application/json',
        JSON.stringify(await client.rollbackMonitoring.export(), null, 2),
      ),
    onError: (error) => notifyProblem(error, 'It could not be exported'),
  });
  const prometheus = useMutation({
    mutationFn: async () =>
      saveAs('rollback-monitoring.prom', 'text/plain', await client.rollbackMonitoring.exportPrometheus()),
    onError: (error) => notifyProblem(error, 'It could not be exported'),
  });
  const icon = <IconDownload size={14} aria-hidden />;
  return (
    <>
      <Button size="xs" variant="default" leftSection={icon} loading={json.isPending} onClick={() => json.mutate()}>
        Export JSON
      </Button>
      <Button
        size="xs"
        variant="default"
        leftSection={icon}
        loading={prometheus.isPending}
        onClick={() => prometheus.mutate()}
      >
        Export for Prometheus
      </Button>
    </>
  );
}
