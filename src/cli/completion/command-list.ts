import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A flag of a command, as the manifest of the build has it. */
export interface ListedFlag {
	readonly name: string;
	readonly char?: string;
	readonly description?: string;
	readonly type: 'boolean' | 'option';
	readonly options?: readonly string[];
	readonly helpValue?: string;
	readonly multiple?: boolean;
	readonly allowNo?: boolean;
	readonly hidden?: boolean;
}

/** A command, as the manifest of the build has it. */
export interface ListedCommand {
	/** Its words, joined with colons. */
	readonly id: string;
	readonly summary?: string;
	readonly hidden?: boolean;
	readonly strict?: boolean;
	readonly args: Readonly<
		Record<string, { readonly options?: readonly string[]; readonly description?: string }>
	>;
	readonly flags: Readonly<Record<string, ListedFlag>>;
}

/** Reads the commands of an installation. The command framework is not asked: to load it takes longer than all the rest. */
export function readCommands(root: string): ListedCommand[] {
	const manifest = JSON.parse(readFileSync(join(root, 'oclif.manifest.json'), 'utf8')) as {
		commands: Record<string, ListedCommand>;
	};
	return Object.values(manifest.commands);
}
