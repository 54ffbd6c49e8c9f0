/** What people say of an entity, as one value. */
export interface AssertedEntity {
  id: string;
  type: string;
  [field: string]: unknown;
}

/** What people say of a relationship: `from` leads to `to`. */
export interface AssertedRelationship extends AssertedEntity {
  from: string;
  to: string;
  /** Until when it holds, ISO 8601; left out where that is open. */
  validTo?: string;
}

/** A change of what people say. Nothing is null. */
export interface AssertedWrite<Item extends AssertedEntity> {
  id: string;
  value: Item | null;
  /** What they say as far as the writer knows. */
  expected: Item | null;
}
