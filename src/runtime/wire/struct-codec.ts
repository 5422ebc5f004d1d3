export { copyStruct, copyValue } from './struct-copy.ts';
