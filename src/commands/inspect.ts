import { Args } from '@oclif/core';
import { BaseCommand } from '../cli/base-command.ts';
import { findTool } from '../cli/find-tool.ts';
import { formatInspection } from '../cli/format-inspection.ts';
import { formatTool } from '../cli/format-tool.ts';
import { withMcpCommand } from '../cli/mcp-command.ts';
import { targetFlags } from '../cli/target-flags.ts';
import { withTarget } from '../cli/with-target.ts';
import { inspectTarget } from '../toolchain/targets/inspect-target.ts';

export default class Inspect extends BaseCommand {
	static override summary =
		'Show what a plugin is: manifest, tools with their schemas, prompts, storage, seams, sessions, health, connection.';
	static override examples = [
		'<%= config.bin %> inspect examples/weather',
		'<%= config.bin %> inspect examples/weather forecast',
		'<%= config.bin %> inspect . --spawn --carrier tcp',
		'<%= config.bin %> inspect quic://127.0.0.1:50100 --json',
		'<%= config.bin %> inspect mcp:npx -y @modelcontextprotocol/server-everything',
	];
	static override args = {
		target: Args.string({ description: 'What to inspect: a path or an address.', required: true }),
		tool: Args.string({ description: 'Only this tool, in full.' }),
	};
	static override flags = targetFlags;

	async run(): Promise<unknown> {
		this.argv = withMcpCommand(this.argv);
		const { args, flags } = await this.parse(Inspect);
		return withTarget(
			args.target,
			{ ...flags, json: this.jsonEnabled() },
			async ({ target, signal, timeoutMs }) => {
				if (args.tool !== undefined) {
					const tool = await findTool(target.client, args.tool, { signal, timeoutMs }, true);
					return this.result(tool, () => formatTool(tool, args.target));
				}
				const inspection = await inspectTarget(target, { signal, timeoutMs });
				return this.result(inspection, () => formatInspection(inspection));
			},
		);
	}
}
