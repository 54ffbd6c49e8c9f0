import type { Agent } from '@signalbox/client';
import { NOTHING } from '../ui/format.ts';
import { capabilityText } from './agent-figures.ts';
import classes from './agent-table.module.css';

/** What an agent can do, with versions. Those that are not shown stand in the title of the last mark. */
export function Capabilities({ all, shown = all.length }: { all: Agent['capabilities']; shown?: number }) {
  if (all.length === 0) return <span>{NOTHING}</span>;
  const rest = all.slice(shown);
  return (
    <span className={classes.tags}>
      {all.slice(0, shown).map((capability) => (
        <span key={capability.name} className={classes.tag}>
          {capabilityText(capability)}
        </span>
      ))}
      {rest.length > 0 && (
        <span className={classes.tag} title={rest.map(capabilityText).join(', ')}>
          +{rest.length}
        </span>
      )}
    </span>
  );
}
