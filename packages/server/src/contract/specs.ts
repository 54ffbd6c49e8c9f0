import {
  checkedSpecSchema,
  createSpecSchema,
  levelSchema,
  linkSpecSchema,
  planTestsSchema,
  specDetailsSchema,
  specSchema,
  specStatusSchema,
  testPlanSchema,
  updateSpecSchema,
} from '@signalbox/core';
import { z } from 'zod';
import { pageOf, pageQuerySchema } from './lists.ts';
import { operation } from './operation.ts';
import { queryList, queryText } from './query-values.ts';

const tag = 'specs';
const params = z.strictObject({ spec: z.string().min(1).max(2_000).describe('Id of the specification.') });

export const specPageSchema = pageOf(specSchema);

export const listSpecs = operation({
  id: 'listSpecs',
  method: 'GET',
  path: '/specs',
  tag,
  summary: 'List specifications',
  role: 'viewer',
  query: z.strictObject({
    ...pageQuerySchema.shape,
    status: queryList(specStatusSchema).optional(),
    priority: queryList(levelSchema).optional(),
    assignee: queryText.optional(),
    tags: queryList(queryText).optional().describe('All of them.'),
    search: queryText.optional().describe('Anywhere in title, description or a criterion.'),
    sortBy: z.enum(['updated', 'created', 'title', 'priority']).optional(),
    sortOrder: z.enum(['asc', 'desc']).optional(),
  }),
  answer: { status: 200, about: 'A page of specifications.', schema: specPageSchema },
});

export const createSpec = operation({
  id: 'createSpec',
  method: 'POST',
  path: '/specs',
  tag,
  summary: 'Say what is wanted of the code',
  description:
    'It begins as a draft. Each acceptance criterion gets an id that follows from its words; by it code and tests name it. The answer tells what speaks against it as it stands.',
  role: 'agent',
  body: createSpecSchema,
  bodyCheckedByRoom: true,
  answer: { status: 201, about: 'The specification.', schema: checkedSpecSchema },
  example: {
    title: 'Tax is rounded',
    description: 'Customers compare our invoices with their own sums.',
    goals: ['Invoices that add up'],
    acceptanceCriteria: ['Each line of an invoice shows its tax to the cent.'],
    priority: 'high',
  },
});

export const getSpec = operation({
  id: 'getSpec',
  method: 'GET',
  path: '/specs/{spec}',
  tag,
  summary: 'A specification with the code and the tests that are tied to it',
  role: 'viewer',
  params,
  answer: {
    status: 200,
    about: 'The specification, and which criterion which test tells of.',
    schema: specDetailsSchema,
  },
});

export const updateSpec = operation({
  id: 'updateSpec',
  method: 'PATCH',
  path: '/specs/{spec}',
  tag,
  summary: 'Change what is wanted, or how far it is',
  description: 'What is left out stays. A criterion that is reworded is another one, which nothing is tied to yet.',
  role: 'agent',
  params,
  body: updateSpecSchema,
  bodyCheckedByRoom: true,
  ifMatch: 'required',
  answer: { status: 200, about: 'The specification as it is now.', schema: checkedSpecSchema },
  example: { status: 'approved' },
});

export const linkSpec = operation({
  id: 'linkSpec',
  method: 'POST',
  path: '/specs/{spec}/links',
  tag,
  summary: 'Tie code, tests and other specifications to one',
  description:
    'IMPLEMENTS_SPEC for code that does what is wanted, VALIDATES for a test that tells whether that is so, REQUIRES for another specification that this one needs, IMPACTS for what it matters to; each with the criteria that it is about. What is under `unlink` is untied.',
  role: 'agent',
  params,
  body: linkSpecSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The specification with all that is tied to it.', schema: specDetailsSchema },
  example: {
    links: [
      {
        entityId: 'file:src/tax.ts:rate',
        type: 'IMPLEMENTS_SPEC',
        acceptanceCriteriaIds: ['ac-8b1a9953c461'],
        impactLevel: 'high',
      },
    ],
  },
});

export const planSpecTests = operation({
  id: 'planSpecTests',
  method: 'POST',
  path: '/specs/{spec}/test-plan',
  tag,
  summary: 'Which tests a specification has, and which are missing',
  description:
    'From the graph: for each criterion the tests that there are, or one that is to be written. What is missing, failing or not measured is told among the gaps.',
  role: 'viewer',
  params,
  body: planTestsSchema,
  bodyCheckedByRoom: true,
  answer: { status: 200, about: 'The plan.', schema: testPlanSchema },
  example: { coverage: { minLines: 80 }, includeSecurityTests: true },
});
