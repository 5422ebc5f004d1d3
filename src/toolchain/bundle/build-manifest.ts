import { createHash } from 'node:crypto';
import type { JsonObject } from '../../runtime/wire/json-value.ts';
import { toolchainVersion } from '../installation.ts';

/** Description of the plugin in a bundle: the keys of `--manifest`, its events, and its tools and prompts in full. */
export interface BuiltPluginDescription {
	readonly id: string;
	readonly version: string;
	readonly description: string;
	readonly author: string;
	readonly language: string;
	readonly provides_tools: readonly string[];
	readonly provides_events: readonly string[];
	readonly provides_storage: readonly string[];
	readonly provides_transport: readonly string[];
	readonly provides_ai: readonly string[];
	readonly provides_prompts: readonly string[];
	readonly needs_storage: readonly string[];
	readonly needs_events: readonly string[];
	readonly needs_ai: readonly string[];
	readonly needs_tools: readonly string[];
	/** Requirements on its host; absent for none. */
	readonly requires?: { readonly protocol?: number; readonly runtime?: string };
	readonly tools: ReadonlyArray<{
		readonly name: string;
		readonly description: string;
		readonly streaming: boolean;
		/** A JSON Schema. */
		readonly input_schema: JsonObject;
	}>;
	readonly prompts: ReadonlyArray<{
		readonly name: string;
		readonly description: string;
		readonly arguments: ReadonlyArray<{
			readonly name: string;
			readonly description: string;
			readonly required: boolean;
		}>;
	}>;
}

/** A file beside the manifest. */
export interface BuiltFile {
	/** Its path below the manifest's own folder, with `/`. */
	readonly name: string;
	/** Bytes. */
	readonly size: number;
	/** Lower-case hex. */
	readonly sha256: string;
	/** Whether it can be run; only a file in a folder says so. */
	readonly executable?: true;
}

/**
 * Contents of the manifest.json that `orchestra build` writes beside a bundle. Keys are spelled as in the output of `--manifest`. It holds no
 * time and no path: the same sources give the same file.
 */
export interface BuildManifest extends BuiltPluginDescription {
	/** The version of this format. It grows when an older reader would misunderstand the file. */
	readonly manifest_version: 1;
	/** The version of orchestra-toolchain that built it. */
	readonly toolchain: string;
	/** The program and module: runs on Node >= 20.19 and Deno >= 2.9. */
	readonly file: BuiltFile;
	/** QUIC's native part, where it was included: for one platform, `os-arch` as Node names them. */
	readonly quic?: BuiltFile & { readonly platform: string };
	/** The platform that files beside it are for, `os-arch` as Node names them; absent where they are for all. */
	readonly platform?: string;
	/** The other files that belong to it: what it reads when it runs, and in a packed plugin the rest of the package. */
	readonly files?: readonly BuiltFile[];
}

/** Size and checksum of a file that is about to be written. */
export function builtFile(name: string, content: Uint8Array, executable = false): BuiltFile {
	const sha256 = createHash('sha256').update(content).digest('hex');
	return { name, size: content.byteLength, sha256, ...(executable ? { executable } : {}) };
}

/** The text of a manifest.json. */
export function buildManifest(
	plugin: BuiltPluginDescription,
	file: BuiltFile,
	rest: Pick<BuildManifest, 'quic' | 'platform' | 'files'>,
): string {
	const { quic, platform, files = [] } = rest;
	const manifest: BuildManifest = {
		manifest_version: 1,
		...plugin,
		toolchain: toolchainVersion(),
		file,
		...(quic ? { quic } : {}),
		...(platform === undefined ? {} : { platform }),
		...(files.length > 0 ? { files } : {}),
	};
	return `${JSON.stringify(manifest, null, 2)}\n`;
}
