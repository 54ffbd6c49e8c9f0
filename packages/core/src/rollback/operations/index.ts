export * from './operation-status.ts';
