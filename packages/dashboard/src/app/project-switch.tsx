import { Menu, UnstyledButton } from '@mantine/core';
import { IconCheck, IconSelector } from '@tabler/icons-react';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, useSearch } from '@tanstack/react-router';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import classes from './project-switch.module.css';

const DEFAULT = 'default';

/** Which project is shown. It stands in the address, so that a link shows the same to somebody else. */
export function ProjectSwitch() {
  const { client } = useApi();
  const navigate = useNavigate();
  const { project } = useSearch({ from: '__root__' });
  const { data } = useQuery({
    queryKey: keys.projects(),
    queryFn: ({ signal }) => client.projects.list({ pageSize: 100 }, { signal }),
    staleTime: 60_000,
  });
  const projects = data?.items ?? [];
  const current = projects.find((each) => each.slug === (project ?? DEFAULT));
  const name = current?.name ?? project ?? DEFAULT;
  const choose = (slug: string) => void navigate({ to: '/', search: { project: slug === DEFAULT ? undefined : slug } });
  return (
    <Menu position="bottom-start" width={220} shadow="md">
      <Menu.Target>
        <UnstyledButton className={classes.target} aria-label={`Project: ${name}`}>
          <span className={classes.mark} aria-hidden>
            {name.slice(0, 1).toUpperCase()}
          </span>
          <span className={classes.name}>{name}</span>
          <IconSelector size={14} aria-hidden />
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>Projects</Menu.Label>
        {projects.map((each) => (
          <Menu.Item
            key={each.id}
            onClick={() => choose(each.slug)}
            rightSection={each.id === current?.id ? <IconCheck size={14} aria-label="shown" /> : undefined}
          >
            {each.name}
          </Menu.Item>
        ))}
        {projects.length === 0 && <Menu.Item disabled>No projects to show</Menu.Item>}
      </Menu.Dropdown>
    </Menu>
  );
}
