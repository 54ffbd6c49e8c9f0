import { Button } from '@mantine/core';
import { auditCsvHead, auditCsvLine, type ListQuery } from '@signalbox/client';
import { IconDownload } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { useApi } from '../api/api-context.tsx';
import { notifyProblem } from '../ui/notify.tsx';
import { saveAs } from '../ui/save-as.ts';

/** More than that is too much for a page; the command line writes them as they come. */
const MOST = 50_000;

/** The events that the filters let through as files, oldest first: those on all pages. */
export function AuditExport({ query, total }: { query: ListQuery; total: number }) {
  const { client } = useApi();
  const read = async (line: (event: Parameters<typeof auditCsvLine>[0]) => string, head = ''): Promise<string> => {
    const lines = [head];
    for await (const event of client.audit.each(query)) lines.push(line(event));
    return lines.join('');
  };
  const jsonLines = useMutation({
    mutationFn: async () =>
      saveAs('audit.jsonl', 'application/x-ndjson', await read((event) => `${JSON.stringify(event)}\n`)),
    onError: (error) => notifyProblem(error, 'It could not be exported'),
  });
  const csv = useMutation({
    mutationFn: async () => saveAs('audit.csv', 'text/csv', await read(auditCsvLine, auditCsvHead())),
    onError: (error) => notifyProblem(error, 'It could not be exported'),
  });
  const tooMany = total > MOST;
  return [
    { label: 'JSON Lines', write: jsonLines },
    { label: 'CSV', write: csv },
  ].map(({ label, write }) => (
    <Button
      key={label}
      size="xs"
      variant="default"
      leftSection={<IconDownload size={14} aria-hidden />}
      loading={write.isPending}
      disabled={total === 0 || tooMany}
      title={tooMany ? 'Too many for a page: narrow them, or use signalbox audit export' : undefined}
      onClick={() => write.mutate()}
    >
      {label}
    </Button>
  ));
}
