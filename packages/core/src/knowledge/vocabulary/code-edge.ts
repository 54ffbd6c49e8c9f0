import { z } from 'zod';
import { edgeLocationSchema, endpointRefSchema, flatRefFields } from './edge-place.ts';
import {
  codeKindSchema,
  codeSourceSchema,
  confidenceSchema,
  countSchema,
  instantSchema,
  resolutionSchema,
  scopeSchema,
} from './terms.ts';

const text = z.string().optional();
const flag = z.boolean().optional();
const count = countSchema.optional();

/** When an edge was first and last seen, and whether it still is (KG-200). */
const seenFields = {
  active: flag,
  firstSeenAt: instantSchema.optional(),
  lastSeenAt: instantSchema.optional(),
};

/** KG-040. */
export const structuralFields = {
  ...seenFields,
  importType: z.enum(['default', 'named', 'namespace', 'wildcard', 'side-effect']).optional(),
  importAlias: text,
  importDepth: count,
  isNamespace: flag,
  isReExport: flag,
  reExportTarget: z.string().nullable().optional(),
  language: text,
  symbolKind: text,
  modulePath: text,
  resolutionState: z.enum(['resolved', 'unresolved', 'partial']).optional(),
  confidence: confidenceSchema.optional(),
  scope: scopeSchema.optional(),
  toRef: endpointRefSchema.optional(),
  fromRef: endpointRefSchema.optional(),
};

/** KG-041…044, but for the retired `strength`, which normalisation turns into confidence. */
export const codeFields = {
  ...seenFields,
  ...flatRefFields,
  context: text,
  occurrencesScan: count,
  occurrencesTotal: count,
  /** Decays, and so may be a fraction. */
  occurrencesRecent: z.number().min(0).optional(),
  confidence: confidenceSchema.optional(),
  inferred: flag,
  resolved: flag,
  source: codeSourceSchema.optional(),
  kind: codeKindSchema.optional(),
  location: edgeLocationSchema.optional(),
  usedTypeChecker: flag,
  isExported: flag,
  why: text,
  callee: text,
  paramName: text,
  importDepth: count,
  importAlias: text,
  isMethod: flag,
  resolution: resolutionSchema.optional(),
  scope: scopeSchema.optional(),
  accessPath: text,
  ambiguous: flag,
  candidateCount: count,
  arity: count,
  awaited: flag,
  receiverType: text,
  dynamicDispatch: flag,
  overloadIndex: count,
  genericArguments: z.array(z.string()).optional(),
  operator: text,
  dataFlowId: text,
  purity: z.enum(['pure', 'impure', 'unknown']).optional(),
  fromRef: endpointRefSchema.optional(),
  toRef: endpointRefSchema.optional(),
};
