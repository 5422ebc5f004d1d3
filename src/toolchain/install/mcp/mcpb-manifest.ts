import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { idOfLabel } from '../../../runtime/hosting/id-of-label.ts';
import { isObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { type InstalledManifest, readManifest } from '../manifest/installed-manifest.ts';
import { folderVariable, type InstalledServer, type ServerSetting } from './installed-server.ts';

/** Bytes of the manifest, and settings in it. */
const maxManifestBytes = 4 * 1024 * 1024;
const maxSettings = 100;

/** An MCP bundle's description of itself. */
export interface BundledServer {
	readonly manifest: InstalledManifest;
	readonly server: InstalledServer;
	/** The program in it, relative to its folder, where it brings one. */
	readonly program: string | undefined;
}

/**
 * Reads the `manifest.json` of an MCP bundle (`.mcpb`, formerly `.dxt`).
 *
 * @throws OrchestraError `invalid_manifest`; `requirement_unmet` where it is for another system
 */
export function readBundle(root: string): BundledServer {
	const document = readDocument(root);
	const { server, name, version, description, author, tools, prompts, compatibility } = document;
	if (typeof name !== 'string' || name === '') throw wrong('has no name');
	if (!isObject(server)) throw wrong('has no server');
	assertPlatform(name, compatibility);
	const config = platformConfig(server.mcp_config);
	if (!isObject(config)) throw wrong('does not say how the server is started: server.mcp_config is missing');
	const settings = readSettings(document.user_config, idOfLabel(name, 'mcp'));
	const started: InstalledServer = {
		command: readCommand(config.command),
		args: stringList(config.args, 'server.mcp_config.args'),
		env: stringRecord(config.env, 'server.mcp_config.env'),
		settings,
	};
	for (const { name, title, secret } of settings) {
		const shows = [started.command, ...started.args].some((text) => text.includes(`{user_config.${name}}`));
		if (secret && shows)
			throw wrong(
				`puts a secret (${title}) on the command line, where every process of this machine reads it`,
			);
	}
	return {
		server: started,
		program: server.type === 'binary' ? programOf(root, started.command) : undefined,
		manifest: readManifest(
			{
				id: idOfLabel(name, 'mcp'),
				version,
				description,
				author: isObject(author) ? author.name : author,
				provides_tools: namesOf(tools),
				provides_prompts: namesOf(prompts),
			},
			'the bundle',
		),
	};
}

/** Whether a folder holds an unpacked bundle. */
function readDocument(root: string): Record<string, unknown> {
	const path = join(root, 'manifest.json');
	const stats = statSync(path, { throwIfNoEntry: false });
	if (!stats?.isFile()) throw wrong('is not there');
	if (stats.size > maxManifestBytes) throw wrong('is too large');
	let value: unknown;
	try {
		value = JSON.parse(readFileSync(path, 'utf8').replace(/^\ufeff/, ''));
	} catch (error) {
		throw wrong(`is not JSON: ${(error as Error).message}`);
	}
	if (!isObject(value)) throw wrong('holds no JSON object');
	const revision = value.manifest_version ?? value.dxt_version;
	if (typeof revision !== 'string' || !/^0\.\d/.test(revision))
		throw wrong(`has version ${JSON.stringify(revision) ?? 'nothing'}, which this orchestra does not know`);
	return value;
}

function assertPlatform(name: string, compatibility: unknown): void {
	const platforms = isObject(compatibility) ? compatibility.platforms : undefined;
	if (!Array.isArray(platforms) || platforms.includes(process.platform)) return;
	const systems = platforms.slice(0, 10).map(String).join(', ');
	throw new OrchestraError(
		'requirement_unmet',
		`${name} is for ${systems}, and this is ${process.platform}`,
		{
			hint: 'Look for a bundle of it for this system.',
		},
	);
}

/** Configuration of its start, with the fields for this system in particular. */
function platformConfig(config: unknown): unknown {
	if (!isObject(config) || !isObject(config.platform_overrides)) return config;
	const more = config.platform_overrides[process.platform];
	if (!isObject(more)) return config;
	const env = { ...stringRecord(config.env, 'env'), ...stringRecord(more.env, 'platform_overrides.env') };
	return { ...config, ...more, env };
}

/** A word that is looked up as a program, or a path in the bundle. */
function readCommand(command: unknown): string {
	if (typeof command !== 'string' || command === '') throw wrong('names no command to start the server');
	if (/^[\w.+-]+$/.test(command) && !/^\.+$/.test(command)) return command;
	const inside = command.startsWith(`${folderVariable}/`) && !command.split(/[/\\]/).includes('..');
	if (inside) return command;
	throw wrong(
		`starts ${JSON.stringify(command.slice(0, 200))}, which is neither a command nor in the bundle`,
	);
}

function programOf(root: string, command: string): string | undefined {
	if (!command.startsWith(`${folderVariable}/`)) return undefined;
	const path = command.slice(folderVariable.length + 1);
	if (statSync(join(root, path), { throwIfNoEntry: false })?.isFile()) return path;
	throw wrong(`starts ${path}, which is not in the bundle`);
}

function readSettings(value: unknown, id: string): ServerSetting[] {
	if (value === undefined) return [];
	if (!isObject(value)) throw wrong('has a user_config that is no object');
	const entries = Object.entries(value);
	if (entries.length > maxSettings) throw wrong(`has more than ${maxSettings} settings`);
	return entries.map(([name, setting]) => {
		if (!/^[\w.-]{1,64}$/.test(name) || !isObject(setting)) throw wrong('has a setting that cannot be read');
		const secret = setting.sensitive === true;
		const given = secret ? undefined : setting.default;
		const otherwise = given === undefined || given === null ? undefined : [given].flat().map(String);
		return {
			name,
			// With its own name in front: a bundle that asks for PATH or a key of another does not get those by that.
			variable: `${id}_${name}`.replace(/[^A-Za-z0-9]+/g, '_').toUpperCase(),
			title: line(setting.title) || line(setting.description) || name,
			required: setting.required === true,
			secret,
			multiple: setting.multiple === true,
			...(otherwise ? { default: otherwise } : {}),
		};
	});
}

/** A text of a stranger as one short line without control characters. */
function line(value: unknown): string {
	if (typeof value !== 'string') return '';
	return value
		.replace(/[\p{Cc}\p{Cf}]+/gu, ' ')
		.trim()
		.slice(0, 200);
}

function stringList(value: unknown, where: string): string[] {
	if (value === undefined) return [];
	if (Array.isArray(value) && value.length <= 1_000 && value.every((text) => typeof text === 'string'))
		return value;
	throw wrong(`has ${where} that is no list of texts`);
}

function stringRecord(value: unknown, where: string): Record<string, string> {
	if (value === undefined) return {};
	const entries = isObject(value) ? Object.entries(value) : undefined;
	if (entries?.every(([name, text]) => /^[A-Za-z_]\w*$/.test(name) && typeof text === 'string'))
		return Object.fromEntries(entries) as Record<string, string>;
	throw wrong(`has ${where} that is no list of variables`);
}

function namesOf(list: unknown): unknown {
	return Array.isArray(list) ? list.map((one: unknown) => (isObject(one) ? one.name : one)) : [];
}

function wrong(why: string): OrchestraError {
	return new OrchestraError('invalid_manifest', `the manifest.json of the bundle ${why}`, {
		hint: 'Ask whoever made it for another, or pack it again with mcpb pack.',
	});
}
