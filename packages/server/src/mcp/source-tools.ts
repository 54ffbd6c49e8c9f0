import { createCommitSchema, uuidSchema } from '@signalbox/core';
import { z } from 'zod';
import { createCommit, getSourceStatus } from '../contract/source-control.ts';
import { ADDS, READS, type Tool, textOf, tool } from './tool.ts';

const workspace = { workspaceId: uuidSchema };

/** What agents do in the version control of a workspace. */
export const SOURCE_TOOLS: readonly Tool[] = [
  tool({
    name: 'source_status',
    title: 'See where a work tree stands',
    description: textOf(getSourceStatus),
    input: z.strictObject(workspace),
    output: getSourceStatus.answer.schema,
    annotations: READS,
    run: ({ workspaceId }, caller) => caller.run(getSourceStatus, { params: { id: workspaceId } }),
  }),
  tool({
    name: 'commit_changes',
    title: 'Commit some paths',
    description: textOf(createCommit),
    input: z.strictObject({ ...createCommitSchema.shape, ...workspace }),
    output: createCommit.answer.schema,
    annotations: ADDS,
    run: ({ workspaceId, ...body }, caller) => caller.run(createCommit, { params: { id: workspaceId }, body }),
  }),
];
