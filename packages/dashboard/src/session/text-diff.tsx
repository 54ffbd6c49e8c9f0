import { useMemo } from 'react';
import classes from './diff-view.module.css';
import { DiffView } from './diff-view.tsx';
import { textPatch } from './text-patch.ts';

interface Props {
  path: string;
  /** Null where there is no such file. */
  before: string | null;
  after: string | null;
}

/** What leads from one text to another, line by line. */
export function TextDiff({ path, before, after }: Props) {
  const patch = useMemo(() => textPatch(path, before ?? '', after ?? ''), [path, before, after]);
  if (patch === null) return <p className={classes.none}>They differ too much to be compared here.</p>;
  if (before === after) return <p className={classes.none}>It is the same.</p>;
  const operation = before === null ? 'added' : after === null ? 'deleted' : 'modified';
  return <DiffView change={{ path, operation, oldPath: null, binary: false, ...patch }} />;
}
