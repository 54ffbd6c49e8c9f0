import { IconChevronRight } from '@tabler/icons-react';
import { Children, Fragment, type ReactNode } from 'react';
import classes from './crumbs.module.css';

/** The way to where one is: what it lies in, from the outermost on. */
export function Crumbs({ children }: { children: ReactNode }) {
  return (
    <nav className={classes.crumbs} aria-label="Where this is">
      {Children.toArray(children).map((crumb, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a place on the way is its own key
        <Fragment key={index}>
          {index > 0 && <IconChevronRight size={12} aria-hidden />}
          {crumb}
        </Fragment>
      ))}
    </nav>
  );
}
