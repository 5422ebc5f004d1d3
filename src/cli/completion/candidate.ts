import type { JsonObject } from '../../runtime/wire/json-value.ts';

/** A word that may stand at the cursor. */
export interface Candidate {
	/** The whole word. */
	readonly word: string;
	/** One line about it. */
	readonly about?: string | undefined;
}

/** The answer to a shell. */
export interface Completion {
	readonly candidates: readonly Candidate[];
	/** Whether a file or folder may stand there, too: the shell knows best how to list them. */
	readonly files?: boolean;
}

/** Tools, prompts and ids of plugins, where they can be had without starting anything. */
export interface KnownPlugins {
	/** The installed plugins. */
	ids(): readonly Candidate[];
	/** Names of certificates. */
	certificates(certsDir: string | undefined): readonly string[];
	/** The tools of a target, with schemas where they are known. */
	tools(target: string, certsDir: string | undefined): Promise<readonly KnownTool[]>;
	/** The prompts of a target. */
	prompts(target: string, certsDir: string | undefined): Promise<readonly KnownPrompt[]>;
}

/** A tool that can be named. */
export interface KnownTool {
	readonly name: string;
	readonly description?: string;
	readonly schema?: JsonObject;
}

/** A prompt that can be named. */
export interface KnownPrompt {
	readonly name: string;
	readonly description?: string;
	readonly arguments: ReadonlyArray<{ readonly name: string; readonly description?: string }>;
}
