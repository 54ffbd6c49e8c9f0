import type { ComponentStatus } from '../health/health-report.ts';

/** A part of the server's work that is started and stopped by itself (design.md §3). */
export interface Role {
  readonly name: 'api' | 'scheduler' | 'runner' | 'maintenance';
  start(): void;
  /** Takes on nothing new, ends what is under way, and resolves when it is at rest. */
  stop(): Promise<void>;
  report(): { status: ComponentStatus; reason: string | null };
}
