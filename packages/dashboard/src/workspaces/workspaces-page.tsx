import { Button, Group, Modal, Skeleton, Stack, TextInput } from '@mantine/core';
import { IconFolderOff, IconPlus } from '@tabler/icons-react';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { useWorkspaces } from '../sessions/use-workspace-names.ts';
import { Age } from '../ui/age.tsx';
import { Blank } from '../ui/blank.tsx';
import { Copyable } from '../ui/copyable.tsx';
import { Page, Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import table from '../ui/table.module.css';
import { CaptureStorage } from './capture-storage.tsx';

/** Directories in which agents change files. */
export function WorkspacesPage() {
  const { data, error } = useWorkspaces();
  const [adding, setAdding] = useState(false);
  return (
    <Page
      title="Workspaces"
      actions={
        <Button size="xs" leftSection={<IconPlus size={14} aria-hidden />} onClick={() => setAdding(true)}>
          Add workspace
        </Button>
      }
    >
      {error !== null && <ProblemNote error={error} />}
      {data === undefined && error === null && <Skeleton height={120} />}
      {data?.items.length === 0 && (
        <Blank icon={<IconFolderOff size={28} />} title="No workspaces yet">
          A workspace is a directory, usually a git work tree, in which agents change files. <code>signalbox run</code>{' '}
          adds the current directory by itself.
        </Blank>
      )}
      {data !== undefined && data.items.length > 0 && (
        <Panel title={`${data.total} ${data.total === 1 ? 'workspace' : 'workspaces'}`}>
          <div className={table.scroll}>
            <table className={table.table}>
              <thead>
                <tr>
                  <th>Name</th>
                  <th>Path</th>
                  <th>Added</th>
                  <th>Captures</th>
                  <th>Sessions</th>
                </tr>
              </thead>
              <tbody>
                {data.items.map(({ id, name, path, createdAt }) => (
                  <tr key={id}>
                    <td className={table.strong}>{name}</td>
                    <td>
                      <Copyable text={path} label="path" />
                    </td>
                    <td>
                      <Age since={createdAt} />
                    </td>
                    <td>
                      <CaptureStorage workspaceId={id} />
                    </td>
                    <td>
                      <Link to="/sessions" search={{ workspace: id }}>
                        Show
                      </Link>
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </Panel>
      )}
      {adding && <AddWorkspace onClose={() => setAdding(false)} />}
    </Page>
  );
}

function AddWorkspace({ onClose }: { onClose: () => void }) {
  const { client, project } = useApi();
  const queries = useQueryClient();
  const [path, setPath] = useState('');
  const [name, setName] = useState('');
  const add = useMutation({
    mutationFn: () =>
      client.workspaces.create({ path: path.trim(), ...(name.trim() === '' ? {} : { name: name.trim() }) }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: keys.workspaces(project) });
      onClose();
    },
  });
  return (
    <Modal opened onClose={onClose} title="Add workspace">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          add.mutate();
        }}
      >
        <Stack gap="sm">
          <TextInput
            label="Path"
            description="Absolute, on the server’s machine"
            required
            data-autofocus
            value={path}
            onChange={(event) => setPath(event.currentTarget.value)}
          />
          <TextInput
            label="Name"
            description="The directory’s own where it is left empty"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {add.error !== null && <ProblemNote error={add.error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Go back
            </Button>
            <Button type="submit" loading={add.isPending}>
              Add
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
