import { z } from 'zod';

/** RB-008. */
export const OPERATION_STATUSES = ['pending', 'in_progress', 'completed', 'failed', 'cancelled'] as const;
export const operationStatusSchema = z.enum(OPERATION_STATUSES);
export type OperationStatus = z.infer<typeof operationStatusSchema>;

/** Where an operation may go. The database holds the same table; a test compares them. The last three are final. */
const NEXT: Readonly<Record<OperationStatus, readonly OperationStatus[]>> = {
  pending: ['in_progress', 'failed', 'cancelled'],
  in_progress: ['completed', 'failed', 'cancelled'],
  completed: [],
  failed: [],
  cancelled: [],
};

export function mayBecome(from: OperationStatus, to: OperationStatus): boolean {
  return NEXT[from].includes(to);
}

export function isOver(status: OperationStatus): boolean {
  return NEXT[status].length === 0;
}
