import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import { serviceKeySchema } from '../terms.ts';

const pathPatternSchema = z
  .string()
  .min(1)
  .max(500)
  .refine(
    (pattern) => !pattern.startsWith('/') && !pattern.startsWith('!') && !pattern.split('/').includes('..'),
    'must be a glob below the workspace, such as services/billing/**',
  );
/** A name, or a glob of names, such as `@shop/billing` or `@shop/*`. */
const packagePatternSchema = z.string().regex(/^[^\s!]{1,500}$/, 'must be a name of a package, or a glob of names');

/** That some code is a service's: paths of a workspace, or packages by name. */
export const codeRuleSchema = z.object({
  id: z.string(),
  projectId: z.string(),
  serviceId: z.string(),
  /** Key of the service. */
  service: z.string(),
  /** Null: in every workspace of the project. */
  workspaceId: z.string().nullable(),
  kind: z.enum(['path', 'package']),
  pattern: z.string(),
  /** Who says so: a person, or a source. */
  statedBy: z.string(),
  createdAt: z.iso.datetime(),
});
export type CodeRule = z.infer<typeof codeRuleSchema>;

const shared = { service: serviceKeySchema, workspaceId: uuidSchema.nullable().default(null) };

export const statedCodeRuleSchema = z.discriminatedUnion('kind', [
  z.strictObject({ ...shared, kind: z.literal('path'), pattern: pathPatternSchema }),
  z.strictObject({ ...shared, kind: z.literal('package'), pattern: packagePatternSchema }),
]);
export type StatedCodeRule = z.input<typeof statedCodeRuleSchema>;
