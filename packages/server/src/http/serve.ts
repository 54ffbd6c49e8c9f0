import type { Operation } from '../contract/operation.ts';
import { type Handler, type ServeParts, serveOperation } from './serve-operation.ts';

/** How route files add their routes. */
export type Serve = <Op extends Operation>(operation: Op, handler: Handler<Op>) => void;

export function serveWith(parts: ServeParts): Serve {
  return (operation, handler) => serveOperation(parts, operation, handler);
}
