export { type Eta, type EtaAccuracy, etaAccuracySchema, etaSchema, type TaskEta, taskEtaSchema } from './eta.ts';
export { TaskEtas } from './task-etas.ts';
