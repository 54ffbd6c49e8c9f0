export * from './paths/index.ts';
