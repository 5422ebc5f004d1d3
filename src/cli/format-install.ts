import { type InstalledManifest, manifestLists } from '../toolchain/install/manifest/installed-manifest.ts';
import type { PreparedInstall } from '../toolchain/install/prepare-install.ts';
import { formatSource } from '../toolchain/install/source/install-source.ts';
import { style } from './style.ts';
import { visibleLine } from './visible-text.ts';

/** Names in a line: the rest is counted. */
const maxNames = 12;

/** Describes a plugin before it is installed: its kind, what it provides and what it needs. */
export function formatPrepared(install: PreparedInstall): string {
	const { manifest, version, sha256, resolved, settings = [], notice } = install.plugin;
	const rows: [string, string][] = [];
	const from = formatSource(install.source);
	rows.push(['from', resolved === from ? from : `${from} (${resolved})`], ['SHA-256', sha256]);
	if (manifest.author) rows.push(['author', manifest.author]);
	for (const verb of ['provides', 'needs'] as const) rows.push([verb, namesOf(manifest, verb) || 'nothing']);
	const { protocol, runtime } = manifest.requires ?? {};
	const requires = [
		...(protocol ? [`protocol ${protocol}`] : []),
		...(runtime ? [`orchestra-toolchain ${runtime}`] : []),
	];
	if (requires.length > 0) rows.push(['requires', requires.join(', ')]);
	for (const { variable, title, required, secret, default: otherwise } of settings) {
		const traits = [
			...(required && !otherwise ? ['required'] : []),
			...(secret ? ['secret'] : []),
			...(otherwise ? [`else ${otherwise.join(' ')}`] : []),
		];
		rows.push(['setting', `${variable}: ${title}${traits.length > 0 ? ` (${traits.join(', ')})` : ''}`]);
	}
	if (notice) rows.push(['note', notice]);
	const what = manifest.description ? ` ${style.dim(visibleLine(manifest.description))}` : '';
	const title = `${style.bold(manifest.id)}${version ? ` ${visibleLine(version)}` : ''}${what}`;
	return [title, ...rows.map(([name, value]) => `  ${style.dim(name.padEnd(9))} ${visibleLine(value)}`)].join(
		'\n',
	);
}

function namesOf(manifest: InstalledManifest, verb: 'provides' | 'needs'): string {
	return manifestLists
		.filter((list) => list.startsWith(verb) && manifest[list].length > 0)
		.map((list) => {
			const names = manifest[list];
			const more = names.length > maxNames ? ` and ${names.length - maxNames} more` : '';
			return `${list.slice(verb.length + 1)} ${names.slice(0, maxNames).join(', ')}${more}`;
		})
		.join(' · ');
}

/** Changes that an update makes, a sentence each; empty where nothing changes. */
export function changesOf(install: PreparedInstall): string[] {
	const { plugin, previous } = install;
	const before = previous?.record;
	if (!previous || before?.sha256 === plugin.sha256) return [];
	const changes: string[] = [];
	if (previous.version !== plugin.version) {
		changes.push(`version ${previous.version || '(none)'} → ${plugin.version || '(none)'}`);
	}
	for (const list of before ? manifestLists : []) {
		const old = new Set(before?.manifest[list] ?? []);
		const now = new Set(plugin.manifest[list]);
		const added = [...now].filter((name) => !old.has(name));
		const removed = [...old].filter((name) => !now.has(name));
		const label = list.replace('_', ' ');
		if (added.length > 0) changes.push(`${label}: + ${added.join(', ')}`);
		if (removed.length > 0) changes.push(`${label}: − ${removed.join(', ')}`);
	}
	if (JSON.stringify(before?.manifest.requires) !== JSON.stringify(plugin.manifest.requires)) {
		changes.push(`requires: ${JSON.stringify(plugin.manifest.requires ?? {})}`);
	}
	changes.push(`SHA-256 ${before?.sha256.slice(0, 16) ?? '(none)'}… → ${plugin.sha256.slice(0, 16)}…`);
	return changes;
}

/** An install as its JSON document. */
export function preparedJson(install: PreparedInstall): Record<string, unknown> {
	const { plugin, source, previous } = install;
	const { manifest, version, kind, sha256, resolved, settings = [], notice } = plugin;
	return {
		id: manifest.id,
		version,
		kind,
		source: formatSource(source),
		resolved,
		sha256,
		manifest,
		...(settings.length > 0 ? { settings } : {}),
		...(notice ? { notice } : {}),
		...(previous ? { previous: { version: previous.version, source: previous.key } } : {}),
	};
}
