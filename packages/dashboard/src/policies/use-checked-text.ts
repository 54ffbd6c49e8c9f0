import { useDebouncedValue } from '@mantine/hooks';
import { ApiError, type PolicyInput } from '@signalbox/client';
import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { z } from 'zod';
import { useApi } from '../api/api-context.tsx';
import { keys } from '../api/keys.ts';
import { placedProblems, readPolicyText, type TextProblem } from './policy-text.ts';

const TYPING_MS = 300;
const problemsSchema = z.array(z.object({ path: z.string(), message: z.string() })).min(1);

/** A text as far as it was looked at. */
export interface CheckedText {
  /** What can be kept and tried; null while something is wrong, or is still being looked at. */
  document: PolicyInput | null;
  problems: readonly TextProblem[];
  checking: boolean;
  /** The check itself failed. */
  error: Error | null;
}

/** Reads a text and has the server look at it, once somebody stops typing. */
export function useCheckedText(text: string): CheckedText {
  const { client, project } = useApi();
  const [typed] = useDebouncedValue(text, TYPING_MS);
  const read = useMemo(() => readPolicyText(typed), [typed]);
  const { data, error, isFetching } = useQuery({
    queryKey: [...keys.policies(project), 'validation', typed],
    queryFn: async ({ signal }): Promise<TextProblem[]> => {
      try {
        await client.policies.validate(read.document as PolicyInput, { signal });
        return [];
      } catch (failure) {
        const found = refusals(failure);
        if (found === null) throw failure;
        return placedProblems(typed, found);
      }
    },
    enabled: read.document !== null,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 10_000,
  });
  const checking = typed !== text || isFetching;
  const problems = read.document === null ? read.problems : (data ?? []);
  const sound = !checking && data !== undefined && data.length === 0;
  return { document: sound ? read.document : null, problems, checking, error };
}

/** What the server found wrong with a document; null where it said something else. */
function refusals(error: unknown): { path: string; message: string }[] | null {
  if (!ApiError.is(error) || error.status !== 400) return null;
  const parsed = problemsSchema.safeParse(error.problem.problems);
  return parsed.success ? parsed.data : [{ path: '', message: error.detail }];
}
