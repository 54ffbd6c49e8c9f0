import classes from './load-bar.module.css';

/** How much of an agent's room is taken, as a bar and in words. An agent may say that it does more than it has room for. */
export function LoadBar({ load, maxLoad }: { load: number; maxLoad: number }) {
  const share = Math.min(1, load / maxLoad);
  return (
    <span className={classes.load} data-tone={load >= maxLoad ? 'caution' : 'live'}>
      <span className={classes.track} aria-hidden>
        <span className={classes.fill} style={{ width: `${share * 100}%` }} />
      </span>
      <span>
        {load} of {maxLoad}
      </span>
    </span>
  );
}
