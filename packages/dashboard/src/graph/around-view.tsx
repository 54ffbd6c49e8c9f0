import { Select } from '@mantine/core';
import { useMemo } from 'react';
import { formatCount } from '../ui/format.ts';
import { Panel } from '../ui/page.tsx';
import { ProblemNote } from '../ui/problem-note.tsx';
import classes from './graph.module.css';
import { drawingOf } from './graph-drawing.ts';
import { GraphPicture } from './graph-picture.tsx';
import type { PackedGroup } from './pack-layout.ts';
import { DEPENDENCIES } from './relationship-groups.ts';
import { useAround } from './use-graph.ts';

const DEPTHS = ['1', '2', '3', '4', '5'];

interface Props {
  id: string;
  depth: number;
  /** Key of the group that is looked into; empty for all. */
  inside: string;
  onChange: (next: { depth?: number; inside?: string }) => void;
  onChoose: (id: string) => void;
}

/** What is around an entity, each in the circle of its file and directory. A group opens when it is chosen. */
export function AroundView({ id, depth, inside, onChange, onChoose }: Props) {
  const around = useAround(id, depth, DEPENDENCIES);
  const drawn = useMemo(() => (around.data === undefined ? null : drawingOf(id, around.data)), [id, around.data]);
  if (around.error !== null) return <ProblemNote error={around.error} />;
  if (drawn === null) return null;
  const { groups, entities, truncated } = drawn;
  const [all] = groups;
  const view = groups.find(({ key }) => key === inside) ?? all;
  if (view === undefined || entities.length < 2) return null;
  return (
    <Panel
      title="Around it"
      note={`${formatCount(entities.length)} of the code${truncated ? '; there is more than is drawn' : ''}`}
    >
      <div className={classes.bar}>
        <Select
          aria-label="Steps"
          data={DEPTHS.map((value) => ({ value, label: `${value} ${value === '1' ? 'step' : 'steps'}` }))}
          value={String(depth)}
          onChange={(value) => onChange({ depth: Number(value ?? 1) })}
          size="xs"
          allowDeselect={false}
        />
        <nav aria-label="Part that is looked into" className={classes.inside}>
          {partsOf(view, groups).map(({ key, name }) => (
            <button type="button" key={key} onClick={() => onChange({ inside: key })} disabled={key === view.key}>
              {name}
            </button>
          ))}
        </nav>
      </div>
      <GraphPicture
        drawing={drawn}
        chosen={id}
        view={view}
        onOpen={(key) => onChange({ inside: key })}
        onChoose={onChoose}
      />
      <ul className={classes.legend} aria-label="Legend">
        <li data-role="chosen">this</li>
        <li data-role="using">uses it, directly or not</li>
        <li data-role="used">is used by it</li>
        <li data-role="both">both</li>
      </ul>
    </Panel>
  );
}

/** The way to a group, and what is in it: those that one can go to from here. */
function partsOf(view: PackedGroup, groups: readonly PackedGroup[]): { key: string; name: string }[] {
  const above = groups.filter(({ key }) => key === '' || view.key === key || view.key.startsWith(`${key}/`));
  const below = groups.filter(
    ({ key, depth }) => depth === view.depth + 1 && (view.key === '' || key.startsWith(`${view.key}/`)),
  );
  return [...above, ...below.sort((a, b) => b.count - a.count).slice(0, 12)];
}
