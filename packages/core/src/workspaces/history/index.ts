export { FileHistory, type FilesThen, type FileThen, filesThenSchema } from './files-then.ts';
