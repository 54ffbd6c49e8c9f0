import { z } from 'zod';
import { codeBase } from './entity-base.ts';

const symbolFields = {
  ...codeBase,
  type: z.literal('symbol'),
  name: z.string(),
  signature: z.string(),
  docstring: z.string(),
  visibility: z.enum(['public', 'private', 'protected']),
  isExported: z.boolean(),
  isDeprecated: z.boolean(),
  /** Lines and columns from 1; start and end count UTF-16 units of the file, where its text was read. */
  location: z
    .strictObject({
      line: z.number(),
      column: z.number(),
      start: z.number().optional(),
      end: z.number().optional(),
      endLine: z.number().optional(),
    })
    .optional(),
};
const names = z.array(z.string());

const functionSymbolSchema = z.strictObject({
  ...symbolFields,
  kind: z.literal('function'),
  parameters: z.array(
    z.strictObject({
      name: z.string(),
      type: z.string(),
      defaultValue: z.string().optional(),
      optional: z.boolean(),
    }),
  ),
  returnType: z.string(),
  isAsync: z.boolean(),
  isGenerator: z.boolean(),
  complexity: z.number(),
  calls: names,
});
const classSymbolSchema = z.strictObject({
  ...symbolFields,
  kind: z.literal('class'),
  extends: names,
  implements: names,
  methods: names,
  properties: names,
  isAbstract: z.boolean(),
});
const interfaceSymbolSchema = z.strictObject({
  ...symbolFields,
  kind: z.literal('interface'),
  extends: names,
  methods: names,
  properties: names,
});
const typeAliasSymbolSchema = z.strictObject({
  ...symbolFields,
  kind: z.literal('typeAlias'),
  aliasedType: z.string(),
  isUnion: z.boolean(),
  isIntersection: z.boolean(),
});
const plainSymbolSchema = z.strictObject({
  ...symbolFields,
  kind: z.enum(['variable', 'property', 'method', 'unknown']),
});

/** A named thing of the code (KG-006…008). */
export const symbolSchema = z.discriminatedUnion('kind', [
  functionSymbolSchema,
  classSymbolSchema,
  interfaceSymbolSchema,
  typeAliasSymbolSchema,
  plainSymbolSchema,
]);
export type SymbolEntity = z.infer<typeof symbolSchema>;
export type FunctionSymbol = z.infer<typeof functionSymbolSchema>;
export type ClassSymbol = z.infer<typeof classSymbolSchema>;
export type InterfaceSymbol = z.infer<typeof interfaceSymbolSchema>;
export type TypeAliasSymbol = z.infer<typeof typeAliasSymbolSchema>;
