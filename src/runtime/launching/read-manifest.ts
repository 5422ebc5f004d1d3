import type { PluginManifest } from '../wire/generated/messages.ts';
import { OrchestraError } from '../wire/orchestra-error.ts';
import { formatExit } from './exit-status.ts';
import { type PluginCommand, PluginProcess } from './plugin-process.ts';
import { settlesWithin } from './settles-within.ts';
import { startCancelled } from './start-failure.ts';

/** Milliseconds that `--manifest` may take: it opens no socket. */
export const defaultManifestTimeoutMs = 5_000;

/** Bytes of the largest manifest that is read. */
const maxManifestBytes = 1024 * 1024;

/** The keys of `--manifest` (as the Go SDK spells them) that are lists, and what they are called in the message. */
const listKeys = {
	provides_tools: 'providesTools',
	provides_events: 'providesEvents',
	provides_storage: 'providesStorage',
	provides_transport: 'providesTransport',
	provides_ai: 'providesAi',
	provides_prompts: 'providesPrompts',
	needs_storage: 'needsStorage',
	needs_events: 'needsEvents',
	needs_ai: 'needsAi',
	needs_tools: 'needsTools',
} as const;

/**
 * Asks an executable what it is: runs it with `--manifest` behind its arguments and reads one JSON object from its stdout.
 * Whatever it does, it is gone when this returns.
 *
 * @throws OrchestraError `start_failed` where it cannot be run, `invalid_plugin` where it does not answer in time with a manifest,
 * `cancelled`
 */
export async function readManifest(
	command: PluginCommand,
	options: { timeoutMs?: number | undefined; signal?: AbortSignal | undefined } = {},
): Promise<PluginManifest> {
	const timeoutMs = options.timeoutMs ?? defaultManifestTimeoutMs;
	const invalid = (why: string): OrchestraError =>
		new OrchestraError('invalid_plugin', `${command.command} --manifest ${why}`, {
			hint: 'A plugin prints one JSON object with its id and exits 0; name its id where it cannot.',
			details: { command: command.command, output: [...plugin.outputTail] },
		});
	let text = '';
	let tooLarge = false;
	const plugin = await PluginProcess.start(
		{ ...command, args: [...command.args, '--manifest'] },
		{
			maxLineBytes: maxManifestBytes,
			onOutput(line, stream) {
				if (stream === 'stderr') return;
				text += `${line}\n`;
				if (text.length <= maxManifestBytes) return;
				tooLarge = true;
				text = '';
				plugin.signal('SIGKILL');
			},
		},
	);
	const kill = () => plugin.signal('SIGKILL');
	if (options.signal?.aborted) kill();
	else options.signal?.addEventListener('abort', kill, { once: true });
	const inTime = await settlesWithin(plugin.exited, timeoutMs);
	options.signal?.removeEventListener('abort', kill);
	kill();
	await plugin.gone;
	if (options.signal?.aborted) throw startCancelled(command.command, options.signal);
	if (!inTime) throw invalid(`did not end within ${timeoutMs} ms`);
	if (tooLarge) throw invalid(`printed more than ${maxManifestBytes} bytes`);
	const exit = plugin.exit;
	if (exit?.code !== 0) throw invalid(`failed (${exit ? formatExit(exit) : 'killed'})`);
	return parseManifest(text, invalid);
}

function parseManifest(text: string, invalid: (why: string) => OrchestraError): PluginManifest {
	let found: unknown;
	try {
		found = JSON.parse(text);
	} catch {
		throw invalid('did not print one JSON object');
	}
	if (typeof found !== 'object' || found === null || Array.isArray(found)) {
		throw invalid('did not print one JSON object');
	}
	const fields = found as Record<string, unknown>;
	const manifest: PluginManifest = {};
	for (const key of ['id', 'version', 'description', 'author', 'language'] as const) {
		const value = fields[key] ?? '';
		if (typeof value !== 'string') throw invalid(`printed a manifest whose ${key} is no text`);
		manifest[key] = value;
	}
	if (!manifest.id) throw invalid('printed a manifest without an id');
	for (const [key, name] of Object.entries(listKeys)) {
		const value = fields[key] ?? [];
		if (!Array.isArray(value) || value.some((entry) => typeof entry !== 'string')) {
			throw invalid(`printed a manifest whose ${key} is no list of texts`);
		}
		manifest[name] = value as string[];
	}
	return manifest;
}
