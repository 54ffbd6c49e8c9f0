import '@xyflow/react/dist/base.css';
import { useComputedColorScheme } from '@mantine/core';
import type { CycleAlert, Service, ServiceMap as ServiceMapData } from '@signalbox/client';
import { Controls, type Edge, Handle, MarkerType, type Node, type NodeProps, Position, ReactFlow } from '@xyflow/react';
import { useMemo } from 'react';
import { LookBadge } from '../ui/look-badge.tsx';
import { CRITICALITY_LOOKS } from './criticality-looks.ts';
import { placeServices } from './map-layout.ts';
import classes from './topology.module.css';

type ServiceNode = Node<{ service: Service; inCycle: boolean }, 'service'>;

const COLUMN_PX = 270;
const ROW_PX = 92;
const NODE_TYPES = { service: ServiceBox };

interface Props {
  map: ServiceMapData;
  alerts: readonly CycleAlert[];
  /** Key of the service that is looked at. */
  chosen: string | undefined;
  onChoose: (key: string | undefined) => void;
}

/** The map, drawn: what depends on others at the left of them. Of a service that is chosen its own dependencies stand out. */
export function ServiceMap({ map, alerts, chosen, onChoose }: Props) {
  const colorMode = useComputedColorScheme('light');
  const cyclic = useMemo(() => linksOf(alerts), [alerts]);
  const circling = useMemo(() => new Set(alerts.flatMap(({ path }) => path)), [alerts]);
  const places = useMemo(() => placeServices(map), [map]);
  const nodes = map.services.map((service): ServiceNode => {
    const { column = 0, row = 0 } = places.get(service.key) ?? {};
    return {
      id: service.key,
      type: 'service',
      position: { x: column * COLUMN_PX, y: row * ROW_PX },
      data: { service, inCycle: circling.has(service.key) },
      selected: service.key === chosen,
      ariaLabel: `${service.key}, ${service.criticality}`,
    };
  });
  const edges = map.edges.map(({ source, target, stale, confidence }): Edge => {
    const isCyclic = cyclic.has(`${source} ${target}`) && !stale;
    const apart = chosen !== undefined && source !== chosen && target !== chosen;
    const look = isCyclic ? classes.cyclic : stale ? classes.stale : classes.link;
    return {
      id: `${source} ${target}`,
      source,
      target,
      className: `${look} ${apart ? classes.apart : ''}`,
      data: { stale, cyclic: isCyclic },
      markerEnd: { type: MarkerType.ArrowClosed, color: isCyclic ? 'var(--map-danger)' : 'var(--map-line)' },
      label: confidence < 1 ? `${Math.round(confidence * 100)} %` : undefined,
      focusable: false,
      ariaLabel: `${source} depends on ${target}${stale ? ', stale' : ''}${isCyclic ? ', part of a circle' : ''}`,
    };
  });
  return (
    <div className={classes.map} data-map>
      <ReactFlow
        // Other services make another picture, which is to be seen whole.
        key={map.services.map(({ key }) => key).join(' ')}
        nodes={nodes}
        edges={edges}
        nodeTypes={NODE_TYPES}
        colorMode={colorMode}
        fitView
        fitViewOptions={{ maxZoom: 1 }}
        minZoom={0.05}
        nodesDraggable={false}
        nodesConnectable={false}
        edgesFocusable={false}
        onNodeClick={(_event, { id }) => onChoose(id)}
        onNodesChange={(changes) => {
          // So the keyboard chooses.
          for (const change of changes) if (change.type === 'select' && change.selected) onChoose(change.id);
        }}
        onPaneClick={() => onChoose(undefined)}
      >
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function ServiceBox({ data: { service, inCycle }, selected }: NodeProps<ServiceNode>) {
  const { key, name, criticality, team, discovered } = service;
  return (
    <div
      className={classes.service}
      data-service={key}
      data-discovered={discovered || undefined}
      data-cycle={inCycle || undefined}
      data-chosen={selected || undefined}
    >
      <Handle type="target" position={Position.Left} className={classes.handle} />
      <span className={classes.name} title={key}>
        {name}
      </span>
      <span className={classes.about}>
        <LookBadge look={CRITICALITY_LOOKS[criticality]} status={criticality} />
        <span className={classes.team}>{discovered ? 'only named' : team}</span>
      </span>
      <Handle type="source" position={Position.Right} className={classes.handle} />
    </div>
  );
}

/** What leads from one service of a cycle to the next. Keys hold no spaces. */
function linksOf(alerts: readonly CycleAlert[]): Set<string> {
  return new Set(alerts.flatMap(({ path }) => path.map((key, at) => `${key} ${path[(at + 1) % path.length]}`)));
}
