import { SignalboxError } from '../errors/index.ts';

export type RuleKind = 'unique' | 'foreign_key' | 'check' | 'not_null' | 'invalid_text' | 'custom';

/** A rule of the schema refused a write. Stores catch it by `constraint` or `sqlState` and raise the error callers know. */
export class DatabaseError extends Error {
  readonly kind: RuleKind;
  readonly sqlState: string;
  /** Name of the constraint, as the migrations give it. */
  readonly constraint: string | null;
  /** For rules of our own (SQLSTATE class `SB`): the facts the trigger attached, else null. */
  readonly detail: string | null;

  constructor(kind: RuleKind, source: PgErrorLike) {
    super(source.message, { cause: source });
    this.name = 'DatabaseError';
    this.kind = kind;
    this.sqlState = source.code ?? '';
    this.constraint = source.constraint ?? null;
    this.detail = source.detail ?? null;
  }

  static is(error: unknown, constraint?: string): error is DatabaseError {
    return error instanceof DatabaseError && (constraint === undefined || error.constraint === constraint);
  }
}

/** SQLSTATEs that our own triggers raise; class `SB` is free for users by the SQL standard's rules. */
export const SQLSTATE = {
  staleVersion: 'SB001',
  illegalTransition: 'SB002',
  appendOnly: 'SB003',
} as const;

interface PgErrorLike extends Error {
  code?: string;
  constraint?: string;
  detail?: string;
}

const RULES: Record<string, RuleKind> = {
  '23505': 'unique',
  '23503': 'foreign_key',
  '23514': 'check',
  '23502': 'not_null',
  '22P02': 'invalid_text',
  '22P05': 'invalid_text',
  '22021': 'invalid_text',
};

const AWAY = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'ENOENT',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);
const AWAY_MESSAGE =
  /connection terminated|connection timeout|query read timeout|timeout exceeded when trying to connect|not queryable|server closed the connection|the database system is/i;

/** The server had ended the transaction, because it stood idle for too long (25P03). */
const ENDED_IDLE = '25P03';
/** The driver knew that the connection is broken, and sent nothing on it. */
const NEVER_SENT = /not queryable/i;

/** The code of the database or of the system; others throw errors whose code is a number, as an aborted signal does. */
function sqlStateOf(error: Error): string {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : '';
}

/** True when the error says that the server cannot be reached or has just gone away (ORC-114). */
export function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = sqlStateOf(error);
  if (AWAY.has(code) || code.startsWith('08') || code.startsWith('57P') || code === '53300' || code === ENDED_IDLE)
    return true;
  return AWAY_MESSAGE.test(error.message);
}

/**
 * Turns what the driver threw into what callers know; the cause is kept (ORC-114).
 * @param mayHaveCommitted whether the statement could have committed before the connection broke.
 */
export function translate(error: unknown, mayHaveCommitted: boolean): unknown {
  if (!(error instanceof Error) || SignalboxError.is(error) || error instanceof DatabaseError) return error;
  const code = sqlStateOf(error);
  if (isAway(error)) {
    const unknown = mayHaveCommitted && code !== ENDED_IDLE && !NEVER_SENT.test(error.message);
    return new SignalboxError(unknown ? 'OUTCOME_UNKNOWN' : 'DATABASE_UNAVAILABLE', {}, { cause: error });
  }
  if (code === '40001' || code === '40P01') return new SignalboxError('SERIALIZATION_FAILED', {}, { cause: error });
  const kind = code.startsWith('SB') ? 'custom' : RULES[code];
  if (kind) return new DatabaseError(kind, error);
  return error;
}
