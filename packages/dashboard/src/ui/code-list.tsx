import classes from './code-list.module.css';

/** Names as they stand in code, each perhaps with words behind it. */
export function CodeList({ items }: { items: readonly { code: string; words?: string }[] }) {
  return (
    <ul className={classes.list}>
      {items.map(({ code, words }) => (
        <li key={`${code} ${words}`}>
          <code>{code}</code> {words}
        </li>
      ))}
    </ul>
  );
}
