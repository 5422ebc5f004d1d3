import type { Plugin } from '../../plugin/definition/plugin.ts';

/** Location of a plugin's code. */
export interface CodePlace {
	/** Its module. */
	readonly entry: string;
	/** The folder of the module and of what it imports. */
	readonly folder: string;
}

/** A plugin that is embedded in this process, or was. */
export interface EmbeddedPlugin {
	/** A file or folder until it has said its id. */
	readonly name: string;
	/** Whether it has ended. What it left behind may still run. */
	readonly ended: boolean;
	/** Its tools are known from now on. */
	loaded(plugin: Plugin): void;
	end(): void;
}

class Embedded implements EmbeddedPlugin {
	name: string;
	ended = false;
	readonly place: CodePlace | undefined;

	constructor(label: string, place: CodePlace | undefined) {
		this.name = label;
		this.place = place;
	}

	loaded(plugin: Plugin): void {
		this.name = plugin.id;
		for (const { mark, name } of plugin.tools.values()) {
			for (const listener of toolListeners) listener({ mark, plugin: plugin.id, tool: name });
		}
	}

	end(): void {
		this.ended = true;
		if (!this.place) others.delete(this);
	}
}

/** By module: one that was loaded anew takes the place of the one before. */
const byEntry = new Map<string, Embedded>();
/** Those whose place nobody said. */
const others = new Set<Embedded>();
/** Modules by the file that they were compiled into. */
const compiled = new Map<string, string>();

/** A tool of an embedded plugin, by the number that the running one is known by. */
export interface MarkedTool {
	readonly mark: number;
	readonly plugin: string;
	readonly tool: string;
}

const toolListeners = new Set<(tool: MarkedTool) => void>();

/** Calls back for each tool of each plugin that is embedded from now on. Returns what ends that. */
export function onEmbeddedTool(listener: (tool: MarkedTool) => void): () => void {
	toolListeners.add(listener);
	return () => toolListeners.delete(listener);
}

/** Notes that a plugin is about to be loaded into this process. */
export function addEmbedded(label: string, place?: CodePlace): EmbeddedPlugin {
	const added = new Embedded(label, place);
	if (place) byEntry.set(place.entry, added);
	else others.add(added);
	return added;
}

/** Notes that a module runs from another file. */
export function noteCompiled(entry: string, file: string): void {
	compiled.set(file, entry);
}

/** The names of the plugins whose code may run in this process, without those that have ended where others run. */
export function embeddedNames(): string[] {
	const all = [...byEntry.values(), ...others];
	const running = all.filter(({ ended }) => !ended);
	return [...new Set((running.length > 0 ? running : all).map(({ name }) => name))];
}

/** The plugin that a file belongs to; undefined where it is nobody's, or more than one plugin's. */
export function ownerOf(file: string): string | undefined {
	const entry = compiled.get(file) ?? file;
	const exact = byEntry.get(entry);
	if (exact) return exact.name;
	let depth = 0;
	let owners: Embedded[] = [];
	for (const plugin of byEntry.values()) {
		const folder = plugin.place?.folder ?? '';
		if (folder.length < depth || !(file.startsWith(`${folder}/`) || file.startsWith(`${folder}\\`))) continue;
		if (folder.length > depth) owners = [];
		depth = folder.length;
		owners.push(plugin);
	}
	return owners.length === 1 ? owners[0]?.name : undefined;
}
