import { fromBinary } from '@bufbuild/protobuf';
import { z } from 'zod';
import { pathWithin, type ReportSource, repositoryPath, unreadable } from '../../imports/report-source.ts';
import { SCIP_INDEX } from './schema.ts';

/** Start line, start column, end line where that is another one, end column: from 0. */
const rangeSchema = z.array(z.int().min(0)).min(3).max(4);
const occurrenceSchema = z.object({
  range: rangeSchema,
  symbol: z.string(),
  symbolRoles: z.int(),
  enclosingRange: z.union([rangeSchema, z.array(z.never())]),
});
const symbolSchema = z.object({
  symbol: z.string(),
  documentation: z.array(z.string()),
  relationships: z.array(z.object({ symbol: z.string(), isImplementation: z.boolean() })),
  kind: z.int(),
});
const documentSchema = z.object({
  relativePath: z.string().min(1),
  language: z.string(),
  occurrences: z.array(occurrenceSchema),
  symbols: z.array(symbolSchema),
});
const indexSchema = z.object({
  metadata: z
    .object({ projectRoot: z.string(), toolInfo: z.object({ name: z.string(), version: z.string() }).optional() })
    .optional(),
  documents: z.array(documentSchema),
});

export type ScipDocument = z.infer<typeof documentSchema>;
export type ScipSymbol = z.infer<typeof symbolSchema>;
export interface ScipIndex {
  tool: string;
  /** One for each path. */
  documents: ScipDocument[];
}

/**
 * An index of SCIP. What is cut off, or says that it is longer than it is, is refused before anything is made room for.
 * @throws IMPORT_UNREADABLE, GRAPH_REPORT_PATH
 */
export function readScip(source: ReportSource): ScipIndex {
  const parsed = indexSchema.safeParse(decoded(source.bytes));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw unreadable('scip', `${issue?.path.join('.') || 'the index'}: ${issue?.message}`);
  }
  const { metadata, documents } = parsed.data;
  const { name = 'unknown', version = '' } = metadata?.toolInfo ?? {};
  const below = metadata?.projectRoot ? pathWithin(source.root, metadata.projectRoot) : null;
  const byPath = new Map<string, ScipDocument>();
  for (const { relativePath: named, ...rest } of documents) {
    const relativePath = repositoryPath('scip', source, below === null ? named : `${below}/${named}`);
    const same = byPath.get(relativePath);
    if (!same) byPath.set(relativePath, { relativePath, ...rest });
    for (const one of same ? rest.occurrences : []) same?.occurrences.push(one);
    for (const one of same ? rest.symbols : []) same?.symbols.push(one);
  }
  return { tool: `${name} ${version}`.trim(), documents: [...byPath.values()] };
}

function decoded(bytes: Uint8Array): unknown {
  try {
    return fromBinary(SCIP_INDEX, bytes, { readUnknownFields: false });
  } catch (error) {
    throw unreadable('scip', (error as Error).message, error);
  }
}
