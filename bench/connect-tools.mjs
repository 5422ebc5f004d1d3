// What client and server of connect-es share.
import { createFileRegistry, fromJson } from '@bufbuild/protobuf';
import { FileDescriptorSetSchema } from '@bufbuild/protobuf/wkt';
import { echoService } from './echo-service.mjs';

const registry = createFileRegistry(fromJson(FileDescriptorSetSchema, echoService));
const found = registry.getService('bench.Tools');
if (!found) throw new Error('the descriptor has no service bench.Tools');

export const Tools = found;
