import { mcpServer } from '../../../runtime/mcp.ts';
import { Orchestrator } from '../../../runtime/orchestrator/orchestrator.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { minimalEnvironment } from '../manifest/minimal-environment.ts';
import type { ServerCommand } from './server-command.ts';

/** Milliseconds that a server has to say what it has. */
const askMs = 20_000;

/** Lists that a server states. */
export interface ServerLists {
	readonly description: string;
	readonly provides_tools: readonly string[];
	readonly provides_prompts: readonly string[];
	readonly provides_storage: readonly string[];
}

/**
 * Starts an MCP server once, in an environment with nothing of the user's in it, and asks what it has. Undefined where it does not start
 * so: many want a setting first.
 */
export async function askServer(
	id: string,
	{ settings, env }: ServerCommand,
	scratch: string,
	signal: AbortSignal | undefined,
): Promise<ServerLists | undefined> {
	const orchestrator = new Orchestrator();
	const giveUp = () => void orchestrator.stop({ graceMs: 0 });
	signal?.addEventListener('abort', giveUp, { once: true });
	try {
		const source = mcpServer({
			label: id,
			settings: { ...settings, cwd: scratch },
			env: { ...minimalEnvironment(scratch), ...env },
			connectTimeoutMs: askMs,
		});
		const { manifest, tools, prompts } = await orchestrator.host(source, { startTimeoutMs: askMs });
		return {
			description: manifest.description ?? '',
			provides_tools: (tools ?? []).map(({ name = '' }) => name),
			provides_prompts: (prompts ?? []).map(({ name = '' }) => name),
			provides_storage: manifest.providesStorage ?? [],
		};
	} catch (error) {
		if (signal?.aborted) throw new OrchestraError('cancelled', 'nothing was installed', { cause: error });
		return undefined;
	} finally {
		signal?.removeEventListener('abort', giveUp);
		await orchestrator.stop({ graceMs: 0 });
	}
}
