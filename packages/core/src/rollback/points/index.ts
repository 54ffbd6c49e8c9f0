export * from './rollback-point.ts';
export * from './snapshot.ts';
