import { type DestinationStream, type Logger, pino } from 'pino';
import { type Clock, systemClock } from '../clock/clock.ts';
import { redact, redactText } from '../redaction/index.ts';

export interface LoggerOptions {
  /** pino's levels; `silent` writes nothing. Default `info`. */
  level?: string;
  /** Where lines go. Default standard error: standard output belongs to the command. */
  destination?: DestinationStream;
  /** In every line: node, role. */
  context?: Record<string, unknown>;
  clock?: Clock;
}

/**
 * The program's logger: JSON lines with time in ISO 8601, level by name, and errors with code, stack and causes. Secrets
 * are redacted in every field and message (SES-036), whoever writes them.
 */
export function createLogger({
  level = 'info',
  destination,
  context = {},
  clock = systemClock,
}: LoggerOptions = {}): Logger {
  const logger = pino(
    {
      level,
      base: redact(context),
      timestamp: () => `,"time":"${clock.now().toISOString()}"`,
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => redact(fields),
      },
      serializers: { err: describeError },
      hooks: {
        logMethod(args, method) {
          // An error alone gives the line its message, which then has to be redacted like any other.
          const [first] = args as unknown[];
          const told = first instanceof Error && args.length === 1 ? [{ err: first }, first.message] : args;
          const clean = told.map((arg) => (typeof arg === 'string' ? redactText(arg) : arg));
          return method.apply(this, clean as typeof args);
        },
      },
    },
    destination ?? pino.destination({ dest: 2, sync: true }),
  );
  // Children write their bindings once and for all, past the formatters above.
  const child = logger.child;
  logger.child = function redactedChild(this: Logger, bindings, options) {
    return child.call(this, redact(bindings), options);
  } as typeof child;
  return logger;
}

/** How deep the chain of causes is told; it may be circular. */
const MAX_CAUSES = 5;

/** An error as fields of a log line: name, code, message, stack, cause and what else it carries; redacted. */
function describeError(error: unknown, causes: number = MAX_CAUSES): unknown {
  if (!(error instanceof Error)) return redact(error);
  const { name, message, stack, cause, ...rest } = error;
  return redact({
    type: name,
    message,
    stack,
    ...rest,
    ...(cause !== undefined && causes > 0 ? { cause: describeError(cause, causes - 1) } : {}),
  });
}
