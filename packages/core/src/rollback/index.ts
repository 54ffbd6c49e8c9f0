export * from './conflicts/index.ts';
