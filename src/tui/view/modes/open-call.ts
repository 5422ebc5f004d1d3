import type { ListedTool } from '../../../runtime/client/listings.ts';
import type { JsonObject } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import { nearest } from '../../../toolchain/nearest.ts';
import type { CallFacts } from '../../feed/feed-message.ts';
import type { PluginView } from '../../model/snapshot.ts';
import type { Ui } from '../ui.ts';
import { DetailMode } from './detail-mode.ts';
import { FormMode } from './form-mode.ts';
import { ToolsMode } from './tools-mode.ts';

/** Begins a call, from what is selected: of that call's tool once more, of a tool of that plugin, or of any tool. */
export function openCall(ui: Ui): void {
	const { mode } = ui;
	const pane = mode instanceof DetailMode ? mode.pane : ui.pane;
	const item = mode instanceof DetailMode ? mode.item : ui.list.item(ui.snapshot);
	if (pane === 'calls' && item !== undefined) {
		const { name, plugin, arguments: args } = item as CallFacts;
		void openForm(ui, name, plugin, typeof args === 'object' ? args : undefined);
		return;
	}
	const plugin = pane === 'plugins' && item !== undefined ? (item as PluginView).id : undefined;
	ui.feed.listTools().then(
		(tools) => {
			const own =
				plugin === undefined ? tools : tools.filter((tool) => !tool.plugin || tool.plugin === plugin);
			const [only] = own;
			if (only && own.length === 1) ui.enter(new FormMode(ui, only));
			else if (own.length === 0) ui.say(`${plugin ?? 'the server'} has no tools`, 'warn');
			else ui.enter(new ToolsMode(ui, own));
		},
		(error: unknown) => ui.complain(error),
	);
}

/** Opens the form of a tool. Where there is none of that name, that is said. */
export async function openForm(
	ui: Ui,
	name: string,
	plugin: string | undefined,
	args?: JsonObject,
): Promise<void> {
	try {
		const tools = await ui.feed.listTools();
		ui.enter(new FormMode(ui, findTool(tools, name, plugin), args));
	} catch (error) {
		ui.complain(error);
	}
}

/** @throws OrchestraError `tool_not_found` */
export function findTool(tools: readonly ListedTool[], name: string, plugin?: string): ListedTool {
	const named = tools.filter((tool) => tool.name === name);
	const found = named.find((tool) => tool.plugin === plugin) ?? named[0];
	if (found) return found;
	const names = tools.map((tool) => tool.name);
	const near = nearest(name, names);
	throw new OrchestraError('tool_not_found', `there is no tool ${name}`, {
		hint: near ? `Did you mean ${near}?` : 'c shows all tools.',
	});
}
