import type { ListedTool } from '../runtime/client/listings.ts';
import { unusableBecause } from '../runtime/plugin/input/listed-schema.ts';
import { style } from './style.ts';
import { outputWidth, wrapText } from './text-width.ts';
import { exampleWords, type ToolParameter, toolParameters, toolSignature } from './tool-signature.ts';
import { visible, visibleLine } from './visible-text.ts';

/** One tool in full: what it does, its arguments with types, defaults and constraints, and an example that works. */
export function formatTool(tool: ListedTool, target: string): string {
	const width = outputWidth();
	const parameters = toolParameters(tool.inputSchema);
	const unusable = unusableBecause(tool.inputSchema);
	const kind = tool.streaming ? ` ${style.dim('streaming')}` : '';
	const parts = [`${style.bold.cyan(visibleLine(tool.name))}${kind}`];
	if (tool.description) parts.push(wrapText(visible(tool.description), width, 2));
	if (unusable !== undefined)
		parts.push(wrapText(style.red(`cannot be called: ${visible(unusable)}`), width, 2));
	parts.push('', style.bold('Usage'), wrapText(toolSignature(tool), width, 2));
	parts.push('', style.bold('Arguments'));
	if (parameters.length === 0) parts.push(`  ${style.dim('none described')}`);
	for (const parameter of parameters) parts.push(formatParameter(parameter, width));
	const words = ['orchestra call', target, visibleLine(tool.name), ...exampleWords(tool.inputSchema)];
	parts.push('', style.bold('Example'), wrapText(words.join(' '), width, 2));
	return parts.join('\n');
}

function formatParameter(parameter: ToolParameter, width: number): string {
	const { name, type, required, constraints, description } = parameter;
	const note =
		parameter.default === undefined ? (required ? 'required' : 'optional') : `default ${parameter.default}`;
	const head = wrapText(
		`${style.cyan(name)}  ${type}  ${style.dim([note, ...constraints].join(', '))}`,
		width,
		2,
	);
	return description ? `${head}\n${wrapText(description, width, 6)}` : head;
}

/** Tools and their arguments, a line each, with what they do below. */
export function formatToolList(tools: readonly ListedTool[], target: string): string {
	const width = outputWidth();
	if (tools.length === 0) return 'It has no tools.';
	const lines = tools.map((tool) => {
		const unusable = unusableBecause(tool.inputSchema);
		const why =
			unusable === undefined
				? ''
				: `\n${wrapText(style.red(`cannot be called: ${visible(unusable)}`), width, 4)}`;
		const about = tool.description
			? `\n${wrapText(style.dim(firstLine(visible(tool.description))), width, 4)}`
			: '';
		return `${wrapText(toolSignature(tool), width, 2)}${about}${why}`;
	});
	const [first] = tools;
	const more = `orchestra call ${target} ${visibleLine(first?.name ?? 'TOOL')} --help shows one in full.`;
	return [style.bold('Tools'), ...lines, '', wrapText(style.dim(more), width, 0)].join('\n');
}

function firstLine(text: string): string {
	return text.split('\n', 1)[0] ?? '';
}
