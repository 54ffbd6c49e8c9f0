import { z } from 'zod';
import type { MapStatement } from '../ingest/statement.ts';
import { DraftedMap } from './drafted-map.ts';
import { keyOf, statedFacts } from './stated-facts.ts';
import { yamlDocuments } from './yaml-documents.ts';

const entitySchema = z.looseObject({
  apiVersion: z.string().startsWith('backstage.io/'),
  kind: z.string(),
  metadata: z.looseObject({
    name: z.string(),
    namespace: z.string().optional(),
    title: z.string().optional(),
    annotations: z.record(z.string(), z.unknown()).nullish(),
  }),
  spec: z
    .looseObject({
      type: z.string().optional(),
      lifecycle: z.string().optional(),
      owner: z.string().optional(),
      system: z.string().optional(),
      dependsOn: z.array(z.string()).nullish(),
      dependencyOf: z.array(z.string()).nullish(),
      providesApis: z.array(z.string()).nullish(),
      consumesApis: z.array(z.string()).nullish(),
    })
    .nullish(),
});

/** Somebody wrote it down; nobody checks whether it still holds. */
const DECLARED = 0.8;

/**
 * Components and resources of Backstage catalog files: what they say they depend on, and who provides the APIs that they consume.
 * Entities of other kinds are passed over. @throws IMPORT_UNREADABLE
 */
export function readBackstage(
  text: string,
  { workspaceId = null }: { workspaceId?: string | null } = {},
): MapStatement {
  const map = new DraftedMap('backstage', workspaceId);
  const entities = yamlDocuments('backstage', text).map((document, n) =>
    map.checked(entitySchema, document, `document ${n + 1}`),
  );
  if (entities.length === 0) throw map.fail('it holds no entities');
  const running = entities.filter(({ kind }) => kind === 'Component' || kind === 'Resource');
  const key = (reference: string, namespace: string | undefined) =>
    keyOf(keyOfReference(reference, namespace), map.fail);
  const providers = new Map<string, string[]>();
  for (const { metadata, spec } of running) {
    for (const api of spec?.providesApis ?? []) {
      const name = key(api, metadata.namespace);
      providers.set(name, [...(providers.get(name) ?? []), key(metadata.name, metadata.namespace)]);
    }
  }
  for (const { kind, metadata, spec } of running) {
    const own = key(metadata.name, metadata.namespace);
    const { dependsOn, team = teamOf(spec?.owner), ...facts } = statedFacts(metadata.annotations ?? {}, map.fail);
    const { type, lifecycle, system } = spec ?? {};
    for (const target of [...(spec?.dependsOn ?? []), ...dependsOn]) {
      map.lead(own, key(target, metadata.namespace), DECLARED);
    }
    for (const source of spec?.dependencyOf ?? []) map.lead(key(source, metadata.namespace), own, DECLARED);
    for (const api of spec?.consumesApis ?? []) {
      for (const provider of providers.get(key(api, metadata.namespace)) ?? []) {
        map.lead(own, provider, DECLARED, { protocol: 'api' });
      }
    }
    map.add(
      own,
      { ...facts, ...(team ? { team } : {}), dependsOn: [] },
      {
        ...(metadata.title ? { name: metadata.title } : {}),
        metadata: JSON.parse(JSON.stringify({ kind, type, lifecycle, system })),
      },
    );
  }
  return map.statement();
}

/** `[kind:][namespace/]name`; the namespace stands in the key unless it is the default one. */
function keyOfReference(reference: string, ownNamespace = 'default'): string {
  const [, namespace = ownNamespace, name = ''] = /^(?:[^:/]+:)?(?:([^:/]+)\/)?([^:/]+)$/.exec(reference.trim()) ?? [];
  return namespace.toLowerCase() === 'default' ? name : `${namespace}/${name}`;
}

/** `group:default/money` is the team `money`. */
function teamOf(owner: string | undefined): string | undefined {
  return owner?.replace(/^(?:group|user):/i, '').replace(/^default\//, '') || undefined;
}
