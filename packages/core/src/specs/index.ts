export { type SpecCheck, specCheckSchema } from './check-spec.ts';
export { criterionId } from './criterion.ts';
export { type Issue, issueSchema } from './issue.ts';
export {
  type CreateSpec,
  createSpecSchema,
  type ListSpecs,
  listSpecsSchema,
  SPEC_STATUSES,
  type Spec,
  specSchema,
  specStatusSchema,
  type UpdateSpec,
  updateSpecSchema,
} from './spec.ts';
export { type CheckedSpec, checkedSpecSchema, type SpecDetails, specDetailsSchema } from './spec-details.ts';
export { type LinkSpec, linkSpecSchema } from './spec-links.ts';
export { Specs } from './specs.ts';
export { type PlanTests, planTestsSchema, type TestPlan, testPlanSchema } from './test-plans/test-plan.ts';
