import type { ReactNode } from 'react';
import classes from './blank.module.css';

/** A place with nothing in it: says why, and what to do. */
export function Blank({ icon, title, children }: { icon?: ReactNode; title: string; children?: ReactNode }) {
  return (
    <div className={classes.blank}>
      {icon !== undefined && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <p className={classes.title}>{title}</p>
      {children !== undefined && <div className={classes.body}>{children}</div>}
    </div>
  );
}
