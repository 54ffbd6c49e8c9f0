import { useEffect, useMemo, useRef, useState } from 'react';
import classes from './graph.module.css';
import { type Drawing, linesTo, namedGroups, wayTo } from './graph-drawing.ts';
import type { PackedGroup } from './pack-layout.ts';

/** Wider than high, in units of the picture. */
const ASPECT = 1.9;
/** From how large on an entity is named: a part of half the height that is seen. */
const NAMED_ENTITY = 0.04;

interface Props {
  drawing: Drawing;
  /** Id of the entity that all the others are around. */
  chosen: string;
  /** The group that fills the picture. */
  view: PackedGroup;
  onOpen: (key: string) => void;
  onChoose: (id: string) => void;
}

/** Entities in the circles of their files and directories; what is too small to be read is named once its group is opened. */
export function GraphPicture({ drawing, chosen, view, onOpen, onChoose }: Props) {
  const { groups, entities, roles, from } = drawing;
  const [pointed, setPointed] = useState<string | null>(null);
  const picture = useRef<SVGSVGElement>(null);
  const place = useMemo(() => new Map(entities.map((one) => [one.entity.id, one])), [entities]);
  const names = useMemo(() => namedGroups(groups, view), [groups, view]);
  usePicks(picture, { onOpen, onChoose, onPoint: setPointed });

  const half = view.r * 1.04;
  const box = `${view.x - half * ASPECT} ${view.y - half} ${2 * half * ASPECT} ${2 * half}`;
  const lines = pointed === null ? linesTo(chosen, entities, place, from) : wayTo(pointed, place, from);
  const isNamed = (id: string) => id === chosen || id === pointed;
  return (
    <svg
      ref={picture}
      className={classes.picture}
      viewBox={box}
      role="img"
      aria-label={`${entities.length} parts of the code`}
      data-nodes={entities.length}
    >
      {groups.slice(1).map(({ key, x, y, r }) => (
        <circle key={key} className={classes.group} data-group={key} cx={x} cy={y} r={r} />
      ))}
      {lines.map(([a, b]) => (
        <line key={`${a.entity.id} ${b.entity.id}`} className={classes.line} x1={a.x} y1={a.y} x2={b.x} y2={b.y} />
      ))}
      {entities.map(({ entity, x, y, r }) => (
        <circle
          key={entity.id}
          className={classes.entity}
          data-entity={entity.id}
          data-role={roles.get(entity.id)}
          cx={x}
          cy={y}
          r={r}
        >
          <title>{`${entity.name}${entity.path === null ? '' : `, ${entity.path}`}`}</title>
        </circle>
      ))}
      {names.map(({ key, name, x, y, r }) => (
        <text
          key={key}
          className={classes.groupName}
          x={x}
          y={y - r}
          fontSize={half * 0.045}
          strokeWidth={half * 0.012}
        >
          {fitting(name, r / half)}
        </text>
      ))}
      {entities.map(({ entity: { id, name }, x, y, r }) =>
        r / half < NAMED_ENTITY && !isNamed(id) ? null : (
          <text
            key={id}
            className={classes.entityName}
            data-strong={id === chosen || undefined}
            x={x}
            y={y}
            fontSize={half * 0.036}
            strokeWidth={half * 0.012}
          >
            {isNamed(id) ? name : fitting(name, r / half)}
          </text>
        ),
      )}
    </svg>
  );
}

/** One listener for thousands of circles. The keyboard goes by the buttons and lists beside the picture. */
function usePicks(
  picture: { readonly current: SVGSVGElement | null },
  picks: Pick<Props, 'onOpen' | 'onChoose'> & { onPoint: (id: string | null) => void },
): void {
  const newest = useRef(picks);
  useEffect(() => {
    newest.current = picks;
  });
  useEffect(() => {
    const svg = picture.current;
    if (svg === null) return;
    const stop = new AbortController();
    const dataOf = ({ target }: Event) => (target instanceof SVGElement ? target.dataset : {});
    const { signal } = stop;
    svg.addEventListener(
      'click',
      (event) => {
        const { entity, group } = dataOf(event);
        if (entity !== undefined) newest.current.onChoose(entity);
        else if (group !== undefined) newest.current.onOpen(group);
      },
      { signal },
    );
    svg.addEventListener('pointerover', (event) => newest.current.onPoint(dataOf(event).entity ?? null), { signal });
    svg.addEventListener('pointerleave', () => newest.current.onPoint(null), { signal });
    return () => stop.abort();
  }, [picture]);
}

/** So much of a name as stands in a circle. */
function fitting(name: string, share: number): string {
  const most = Math.max(3, Math.floor(share * 90));
  return name.length <= most ? name : `${name.slice(0, most - 1)}…`;
}
