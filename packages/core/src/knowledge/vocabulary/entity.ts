import { z } from 'zod';
import { directorySchema, documentationSchema, fileSchema, moduleSchema, specSchema } from './code-entities.ts';
import {
  businessDomainSchema,
  changeSchema,
  graphCheckpointSchema,
  graphSessionSchema,
  securityIssueSchema,
  semanticClusterSchema,
  versionSchema,
  vulnerabilitySchema,
} from './loose-entities.ts';
import {
  type ClassSymbol,
  type FunctionSymbol,
  type InterfaceSymbol,
  type SymbolEntity,
  symbolSchema,
  type TypeAliasSymbol,
} from './symbol.ts';
import { testEntitySchema } from './test-entity.ts';

/** A node of the graph, of one of 15 types (KG-002). Parse with it at every border: nothing else checks what comes in (KG-025). */
export const entitySchema = z.discriminatedUnion('type', [
  fileSchema,
  directorySchema,
  moduleSchema,
  symbolSchema,
  testEntitySchema,
  specSchema,
  documentationSchema,
  changeSchema,
  graphSessionSchema,
  versionSchema,
  graphCheckpointSchema,
  businessDomainSchema,
  semanticClusterSchema,
  securityIssueSchema,
  vulnerabilitySchema,
]);
export type Entity = z.infer<typeof entitySchema>;
export type EntityType = Entity['type'];
export type EntityOf<Type extends EntityType> = Extract<Entity, { type: Type }>;

/** In an order that stays: the place of a type is its number in the graph's arrays. */
export const ENTITY_TYPES = [
  'file',
  'directory',
  'module',
  'symbol',
  'test',
  'spec',
  'documentation',
  'change',
  'session',
  'version',
  'checkpoint',
  'businessDomain',
  'semanticCluster',
  'securityIssue',
  'vulnerability',
] as const satisfies readonly EntityType[];
export const entityTypeSchema = z.enum(ENTITY_TYPES);

type Maybe = Entity | null | undefined;

/** Whether an entity is of this type; nothing is of none (KG-023). */
export function isEntityOf<Type extends EntityType>(entity: Maybe, type: Type): entity is EntityOf<Type> {
  return entity?.type === type;
}

function isSymbolOf(entity: Maybe, kind: SymbolEntity['kind']): boolean {
  return isEntityOf(entity, 'symbol') && entity.kind === kind;
}
export function isFunctionSymbol(entity: Maybe): entity is FunctionSymbol {
  return isSymbolOf(entity, 'function');
}
export function isClassSymbol(entity: Maybe): entity is ClassSymbol {
  return isSymbolOf(entity, 'class');
}
export function isInterfaceSymbol(entity: Maybe): entity is InterfaceSymbol {
  return isSymbolOf(entity, 'interface');
}
export function isTypeAliasSymbol(entity: Maybe): entity is TypeAliasSymbol {
  return isSymbolOf(entity, 'typeAlias');
}
