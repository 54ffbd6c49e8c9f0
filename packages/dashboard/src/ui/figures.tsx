import classes from './figures.module.css';

interface Figure {
  label: string;
  value: string;
  about?: string;
}

/** A few numbers at a glance. */
export function Figures({ label, figures }: { label: string; figures: readonly Figure[] }) {
  return (
    <dl className={classes.figures} aria-label={label}>
      {figures.map((figure) => (
        <div key={figure.label} className={classes.figure}>
          <dt className={classes.label}>{figure.label}</dt>
          <dd className={classes.value}>{figure.value}</dd>
          {figure.about !== undefined && <dd className={classes.about}>{figure.about}</dd>}
        </div>
      ))}
    </dl>
  );
}
