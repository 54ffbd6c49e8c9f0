import { createSpecSchema, linkSpecSchema, planTestsSchema, specStatusSchema } from '@signalbox/core';
import { z } from 'zod';
import { createSpec, getSpec, linkSpec, listSpecs, planSpecTests } from '../contract/specs.ts';
import { ADDS, READS, REPEATABLE, type Tool, textOf, tool } from './tool.ts';

const specId = z.string().min(1).max(2_000).describe('Id of the specification.');

/** What agents ask and say of what is wanted of the code. */
export const SPEC_TOOLS: readonly Tool[] = [
  tool({
    name: 'list_specs',
    title: 'Find specifications',
    description: textOf(listSpecs),
    input: z.strictObject({ search: z.string().min(1).max(500), status: specStatusSchema }).partial(),
    output: listSpecs.answer.schema,
    annotations: READS,
    run: (query, caller) => caller.run(listSpecs, { query }),
  }),
  tool({
    name: 'get_spec',
    title: 'See a specification with its code and tests',
    description: textOf(getSpec),
    input: z.strictObject({ specId }),
    output: getSpec.answer.schema,
    annotations: READS,
    run: (input, caller) => caller.run(getSpec, { params: { spec: input.specId } }),
  }),
  tool({
    name: 'plan_spec_tests',
    title: 'See which tests of a specification are missing',
    description: textOf(planSpecTests),
    input: planTestsSchema.extend({ specId }),
    output: planSpecTests.answer.schema,
    annotations: READS,
    run: ({ specId: spec, ...body }, caller) => caller.run(planSpecTests, { params: { spec }, body }),
  }),
  tool({
    name: 'create_spec',
    title: 'Say what is wanted of the code',
    description: textOf(createSpec),
    input: createSpecSchema,
    output: createSpec.answer.schema,
    annotations: ADDS,
    run: (body, caller) => caller.run(createSpec, { body }),
  }),
  tool({
    name: 'link_spec',
    title: 'Tie code and tests to a specification',
    description: textOf(linkSpec),
    input: z.strictObject({ specId, ...linkSpecSchema.shape }),
    output: linkSpec.answer.schema,
    annotations: REPEATABLE,
    run: ({ specId: spec, ...body }, caller) => caller.run(linkSpec, { params: { spec }, body }),
  }),
];
