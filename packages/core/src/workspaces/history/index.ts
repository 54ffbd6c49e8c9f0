export { FileHistory, type FilesThen, type FileThen, filesThenSchema, shownContent } from './files-then.ts';
