import pg from 'pg';

/**
 * How column values arrive: `bigint` stays a string (exact beyond 2^53, ORC-063; stores turn sequence numbers, which
 * cannot reach it, into numbers), `numeric` stays a string, timestamps become Date (milliseconds), JSON is parsed.
 * The driver's own defaults do all of this; the table is named here so that nobody changes it globally.
 */
export const parseTypes: pg.CustomTypesConfig = { getTypeParser: pg.types.getTypeParser };
