import { relative } from 'node:path';
import { OrchestraError } from '../runtime/wire/orchestra-error.ts';
import type { PluginBuild } from '../toolchain/bundle/build-plugin.ts';
import type { BuildEvent } from '../toolchain/bundle/build-watch.ts';
import { shortList } from './short-list.ts';
import { style } from './style.ts';
import { visible } from './visible-text.ts';

/** The result of a build as a document for programs. */
export function buildDocument(built: PluginBuild, durationMs: number) {
	const { plugin, out, files, checked, quic, platform, nativePackages, warnings } = built;
	return {
		id: plugin.id,
		version: plugin.version,
		out,
		files: files.map((file) => ({ ...file })),
		tools: plugin.tools.map(({ name }) => name),
		checked,
		quic,
		...(platform === undefined ? {} : { platform }),
		nativePackages: [...nativePackages],
		warnings: [...warnings],
		durationMs,
	};
}

/** Remarks that a person has to read although the build succeeded. */
export function buildRemarks(built: PluginBuild, wantsQuic: boolean): string[] {
	const { plugin, warnings, quic, nativePackages, platform } = built;
	const remarks = warnings.map((warning) => `warning ${warning}`);
	if (platform !== undefined) {
		const what = nativePackages.length > 0 ? shortList(nativePackages) : 'an addon';
		remarks.push(
			`${plugin.id}.files has ${what} in it, for ${platform}: on another platform it is to be built there.`,
		);
	}
	if (wantsQuic && !quic)
		remarks.push('QUIC has no native part for this platform here: the program speaks TCP.');
	return remarks;
}

/** The result of a build with each of its files, for a person. */
export function formatBuild(built: PluginBuild, durationMs: number): string {
	const { files: all, plugin } = built;
	const isCarried = ({ name }: { name: string }) => name.startsWith(`${plugin.id}.files/`);
	const carried = all.filter(isCarried);
	const files = all.filter((file) => !isCarried(file));
	if (carried.length > 0) {
		const size = carried.reduce((sum, file) => sum + file.size, 0);
		files.push({ name: `${plugin.id}.files/ (${carried.length})`, size, sha256: '' });
	}
	const width = Math.max(...files.map(({ name }) => name.length));
	const list = files.map(({ name, size }) => `  ${name.padEnd(width)}  ${formatSize(size).padStart(8)}`);
	const took = style.dim(`in ${(durationMs / 1000).toFixed(1)} s`);
	return `${style.green('✔')} ${title(built)} ${took}\n\n${list.join('\n')}\n`;
}

/** The result of the build after a save, for a person. */
export function formatBuildEvent(event: BuildEvent): string {
	const { changed, ms } = event;
	const why = changed.length > 0 ? `: ${visible(shortList(changed))}` : '';
	const took = style.dim(`in ${(ms / 1000).toFixed(1)} s`);
	if (event.kind !== 'failed') {
		const what = event.kind === 'built' ? title(event.built) : `${event.built.plugin.id} is as it was`;
		return `${style.green('✔')} ${what} ${took}${why}`;
	}
	const { message, hint } = event.error;
	const [first = '', ...rest] = visible(message).split('\n');
	const lines = [...rest, ...(hint ? [`→ ${visible(hint)}`] : [])].map((line) => `  ${line}`);
	const left = event.kept ? 'the last output stays' : 'nothing was written';
	return [`${style.red('✖')} ${first}`, ...lines, `  ${left}; save to try again`].join('\n');
}

/** The same as a document, for programs. */
export function buildEventDocument(event: BuildEvent): object {
	const { kind, number, changed, ms } = event;
	if (event.kind !== 'failed') return { event: kind, number, changed, ...buildDocument(event.built, ms) };
	const { code, message, hint, details } = OrchestraError.from(event.error, 'internal');
	return {
		event: kind,
		number,
		changed,
		kept: event.kept,
		durationMs: ms,
		error: { code, message, hint, details },
	};
}

function title({ plugin, out }: PluginBuild): string {
	const where = relative(process.cwd(), out) || 'this folder';
	return `Built ${style.bold(plugin.id)}${plugin.version ? ` ${plugin.version}` : ''} into ${where}`;
}

/** A number of bytes, as people read it: 12.3 kB. */
function formatSize(bytes: number): string {
	if (bytes < 1000) return `${bytes} B`;
	if (bytes < 1_000_000) return `${(bytes / 1000).toFixed(1)} kB`;
	return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
