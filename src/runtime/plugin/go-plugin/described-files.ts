import protobuf from 'protobufjs';
import descriptor from 'protobufjs/ext/descriptor.js';

/** Fields of a file's descriptor that are read. */
interface File {
	readonly name?: string;
	readonly package?: string;
	dependency?: string[];
	readonly messageType?: readonly Message[];
	readonly enumType?: readonly Named[];
	readonly service?: readonly (Named & { readonly method?: readonly Method[] })[];
}

interface Named {
	readonly name: string;
}

interface Message extends Named {
	readonly field?: readonly { typeName?: string }[];
	readonly nestedType?: readonly Message[];
	readonly enumType?: readonly Named[];
}

interface Method {
	inputType?: string;
	outputType?: string;
}

/**
 * The descriptors of a root, one file for each package. protobufjs leaves out which file needs which, and names types as one would within
 * their own package; whoever reads descriptors wants both whole.
 */
export class DescribedFiles {
	readonly #byName = new Map<string, Uint8Array>();
	/** The file of each message, enum and service, by full names. */
	readonly #bySymbol = new Map<string, File>();

	constructor(root: protobuf.Root) {
		const { file } = root.toDescriptor('proto3') as unknown as { readonly file: readonly File[] };
		const files = file.flatMap((each) => (each.package === commonPackage ? commonFiles(each) : [each]));
		for (const file of files) this.#collect(file);
		for (const file of files) this.#complete(file);
		for (const file of files) {
			this.#byName.set(file.name ?? '', descriptor.FileDescriptorProto.encode(file).finish());
		}
	}

	ofName(name: string): Uint8Array | undefined {
		return this.#byName.get(name);
	}

	/** The file in which a symbol is; a method is where its service is. */
	ofSymbol(symbol: string): Uint8Array | undefined {
		const file = this.#bySymbol.get(symbol) ?? this.#bySymbol.get(parentOf(symbol));
		return file && this.#byName.get(file.name ?? '');
	}

	#collect(file: File): void {
		const scope = file.package ?? '';
		const add = (within: string, { name }: Named) => {
			const fullName = join(within, name);
			this.#bySymbol.set(fullName, file);
			return fullName;
		};
		const addMessage = (within: string, message: Message) => {
			const own = add(within, message);
			for (const nested of message.nestedType ?? []) addMessage(own, nested);
			for (const nested of message.enumType ?? []) add(own, nested);
		};
		for (const message of file.messageType ?? []) addMessage(scope, message);
		for (const other of [...(file.enumType ?? []), ...(file.service ?? [])]) add(scope, other);
	}

	/** Makes the names of types whole, and says which files they are in. */
	#complete(file: File): void {
		const needed = new Set<string>();
		const whole = (scope: string, type: string): string => {
			const fullName = this.#resolve(scope, type);
			const { name = '' } = this.#bySymbol.get(fullName) ?? file;
			if (name !== file.name) needed.add(name);
			return `.${fullName}`;
		};
		const completeMessage = (within: string, { name, field = [], nestedType = [] }: Message) => {
			const own = join(within, name);
			for (const each of field) if (each.typeName) each.typeName = whole(own, each.typeName);
			for (const nested of nestedType) completeMessage(own, nested);
		};
		const scope = file.package ?? '';
		for (const message of file.messageType ?? []) completeMessage(scope, message);
		for (const { name, method = [] } of file.service ?? []) {
			for (const each of method) {
				each.inputType = whole(join(scope, name), each.inputType ?? '');
				each.outputType = whole(join(scope, name), each.outputType ?? '');
			}
		}
		file.dependency = [...needed].sort();
	}

	/** A name as it is meant within a scope: the innermost that has it. */
	#resolve(scope: string, type: string): string {
		if (type.startsWith('.')) return type.slice(1);
		for (let within = scope; ; within = parentOf(within)) {
			const fullName = join(within, type);
			if (within === '' || this.#bySymbol.has(fullName)) return fullName;
		}
	}
}

const commonPackage = 'google.protobuf';

/** protobuf's own messages, in the files that everybody has them in. */
function commonFiles(file: File): File[] {
	const homes = new Map<string, string>();
	for (const word of ['any', 'duration', 'empty', 'field_mask', 'struct', 'timestamp', 'wrappers']) {
		const name = `google/protobuf/${word}.proto`;
		const types = new protobuf.Root().addJSON(protobuf.common.get(name)?.nested ?? {}).lookup(commonPackage);
		if (types instanceof protobuf.Namespace) for (const type of types.nestedArray) homes.set(type.name, name);
	}
	const homeOf = ({ name }: Named) => homes.get(name) ?? file.name ?? '';
	const { messageType = [], enumType = [] } = file;
	return [...new Set([...messageType, ...enumType].map(homeOf))].map((name) => ({
		...file,
		name,
		messageType: messageType.filter((type) => homeOf(type) === name),
		enumType: enumType.filter((type) => homeOf(type) === name),
	}));
}

function join(scope: string, name: string): string {
	return scope === '' ? name : `${scope}.${name}`;
}

function parentOf(name: string): string {
	return name.slice(0, Math.max(0, name.lastIndexOf('.')));
}
