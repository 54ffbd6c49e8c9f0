import type { ReactNode } from 'react';
import classes from './page.module.css';

/** A page with its heading and, at the right of it, what can be done. `fill`: the content scrolls inside itself. */
export function Page(props: {
  title: string;
  /** The way to it. */
  crumbs?: ReactNode;
  note?: ReactNode;
  actions?: ReactNode;
  fill?: boolean;
  children: ReactNode;
}) {
  return (
    <div className={classes.page} data-fill={props.fill || undefined}>
      <div>
        {props.crumbs}
        <header className={classes.head}>
          <h1 className={classes.title}>{props.title}</h1>
          {props.note !== undefined && <span className={classes.note}>{props.note}</span>}
          {props.actions !== undefined && <div className={classes.actions}>{props.actions}</div>}
        </header>
      </div>
      {props.children}
    </div>
  );
}

/** A framed part of a page. */
export function Panel(props: { title: string; note?: ReactNode; children: ReactNode; className?: string }) {
  return (
    <section className={`${classes.panel} ${props.className ?? ''}`} aria-label={props.title}>
      <header className={classes.panelHead}>
        <h2 className={classes.panelTitle}>{props.title}</h2>
        {props.note !== undefined && <span className={classes.note}>{props.note}</span>}
      </header>
      {props.children}
    </section>
  );
}
