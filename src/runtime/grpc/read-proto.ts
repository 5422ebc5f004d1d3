import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import protobuf from 'protobufjs';
import { OrchestraError } from '../wire/orchestra-error.ts';

/**
 * Reads a .proto file with all that it imports: relative to its own folder or to one of `folders`. protobuf's own files need not be
 * there.
 *
 * @throws OrchestraError `invalid_plugin` where a file is missing or wrong
 */
export function readProto(file: string, folders: readonly string[] = []): protobuf.Root {
	const root = new protobuf.Root();
	const seen = new Set<string>();
	const read = (path: string): void => {
		if (seen.has(path)) return;
		seen.add(path);
		let imports: readonly string[];
		try {
			const parsed = protobuf.parse(readFileSync(path, 'utf8'), root);
			imports = [...(parsed.imports ?? []), ...(parsed.weakImports ?? [])];
		} catch (error) {
			throw new OrchestraError('invalid_plugin', `${path} cannot be read: ${(error as Error).message}`, {
				cause: error,
			});
		}
		for (const name of imports) {
			const found = [dirname(path), dirname(resolve(file)), ...folders]
				.map((folder) => join(folder, name))
				.find((candidate) => existsSync(candidate));
			if (found) read(found);
			else if (!seen.has(name)) {
				seen.add(name);
				addCommon(root, name, path);
			}
		}
	};
	read(resolve(file));
	try {
		root.resolveAll();
	} catch (error) {
		throw new OrchestraError('invalid_plugin', `${file} is not whole: ${(error as Error).message}`, {
			cause: error,
		});
	}
	return root;
}

function addCommon(root: protobuf.Root, name: string, importer: string): void {
	const common = protobuf.common.get(name);
	if (!common?.nested) {
		throw new OrchestraError('invalid_plugin', `${importer} imports ${name}, which is not there`, {
			hint: 'It has to lie beside the importing file, or below its folder.',
		});
	}
	root.addJSON(common.nested);
}
