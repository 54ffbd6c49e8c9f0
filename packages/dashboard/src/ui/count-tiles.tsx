import { Link, type LinkProps } from '@tanstack/react-router';
import classes from './count-tiles.module.css';
import { formatCount } from './format.ts';
import type { Look } from './status.ts';

interface Tile {
  key: string;
  look: Look;
  count: number;
  /** Where those that are counted stand. */
  link: Pick<LinkProps, 'to' | 'search'>;
}

/** How many there are of each kind; a click shows them. */
export function CountTiles({ label, tiles }: { label: string; tiles: readonly Tile[] }) {
  return (
    <ul className={classes.counts} aria-label={label}>
      {tiles.map(({ key, look: { label: name, tone, icon: Icon }, count, link }) => (
        <li key={key}>
          <Link {...link} className={classes.count} data-tone={tone} data-none={count === 0 || undefined}>
            <span className={classes.number}>{formatCount(count)}</span>
            <span className={classes.label}>
              <Icon size={14} stroke={2.2} aria-hidden />
              {name}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
