import { Link } from '@tanstack/react-router';
import classes from './rollback.module.css';

const PARTS = [
  { to: '/rollback', label: 'Points' },
  { to: '/rollback/operations', label: 'Rollbacks' },
  { to: '/rollback/monitoring', label: 'Monitoring' },
] as const;

/** Parts of the rollback view, as links: each has an address. */
export function RollbackTabs() {
  return (
    <nav className={classes.tabs} aria-label="Parts of rollback">
      {PARTS.map(({ to, label }) => (
        <Link
          key={to}
          to={to}
          className={classes.tab}
          activeOptions={{ exact: true, includeSearch: false }}
          activeProps={{ 'aria-current': 'page' }}
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
