import { shownProblem } from '../api/problem.ts';
import { FailureNote } from './failure-note.tsx';

/** An error of a request, where it happened. */
export function ProblemNote({ error }: { error: unknown }) {
  const { title, detail, code, traceId } = shownProblem(error);
  const quoted = code !== null && traceId !== null ? `${code} · trace ${traceId}` : code;
  return <FailureNote title={title} detail={detail} code={quoted} />;
}
