import type { Command } from 'commander';
import type { Registry } from '../action.ts';
import { registerRollbackMonitoring } from './rollback-monitoring.ts';

export function registerRollback(program: Command, registry: Registry): void {
  const rollback = program.command('rollback').description('put things back, and watch over it');
  registerRollbackMonitoring(rollback, registry);
}
