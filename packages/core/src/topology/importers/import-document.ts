import { z } from 'zod';
import { uuidSchema } from '../../platform/ids/ids.ts';
import type { MapStatement } from '../ingest/statement.ts';
import { environmentSchema, momentSchema } from '../terms.ts';
import { readBackstage } from './backstage.ts';
import { readCompose } from './compose.ts';
import { readKubernetes } from './kubernetes.ts';

const READERS = { backstage: readBackstage, compose: readCompose, kubernetes: readKubernetes };

export const importDocumentSchema = z.strictObject({
  format: z.enum(['backstage', 'compose', 'kubernetes']),
  /** As the file has it. */
  text: z.string().min(1),
  /** Of which environment it tells; null: of every one. */
  environment: environmentSchema.default(null),
  /** In which workspace the code is that it names; null: in every one. */
  workspaceId: uuidSchema.nullable().default(null),
  /** As of when; now, where it is left out. */
  at: momentSchema.optional(),
});
export type ImportDocument = z.input<typeof importDocumentSchema>;

/** What a document says of the map. @throws IMPORT_UNREADABLE */
export function readDocument(input: z.output<typeof importDocumentSchema>): MapStatement {
  const { format, text, environment, workspaceId, at } = input;
  return { ...READERS[format](text, { workspaceId }), environment, ...(at === undefined ? {} : { at }) };
}
