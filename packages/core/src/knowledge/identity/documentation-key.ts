import type { RawEdge } from '../edges/raw-edge.ts';
import type { RelationshipTypeOf } from '../vocabulary/relationship-type.ts';
import { anchorName, docIntentName, docSourceName, domainPath, plainName } from './names.ts';

type DocumentationType = RelationshipTypeOf<'documentation'>;

/** What tells documentation edges between the same two entities apart (KG-126). @param told the edge's metadata */
export function documentationKey(type: DocumentationType, edge: RawEdge, told: RawEdge): string[] {
  const value = (name: string, otherwise?: unknown) => edge[name] ?? told[name] ?? otherwise;
  const to = plainName(edge.toEntityId);
  const anchor = anchorName(value('sectionAnchor', told.anchor));
  const source = docSourceName(value('source'));
  const intent = docIntentName(value('docIntent'), type);
  const domain = domainPath(value('domainPath', told.taxonomyPath));
  const plain = (name: string) => plainName(value(name));
  const keys: Record<DocumentationType, () => string[]> = {
    DOCUMENTED_BY: () => [to, anchor, source, intent, plain('docVersion')],
    DESCRIBES_DOMAIN: () => [to, domain, plain('taxonomyVersion'), anchor, intent],
    BELONGS_TO_DOMAIN: () => [to, domain, source, intent],
    CLUSTER_MEMBER: () => [
      to,
      plain('clusterVersion'),
      value('docAnchor') === undefined ? anchor : anchorName(value('docAnchor')),
      plain('embeddingVersion'),
      intent,
    ],
    DOMAIN_RELATED: () => [to, plain('relationshipType'), source],
    GOVERNED_BY: () => [to, plain('policyType'), intent],
    DOCUMENTS_SECTION: () => [to, anchor, intent],
  };
  return keys[type]();
}
