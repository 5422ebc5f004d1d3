import { argumentSchema } from '../../../cli/listed-arguments.ts';
import { argumentsOf } from '../../../cli/tool-arguments.ts';
import { type ToolParameter, toolParameters } from '../../../cli/tool-signature.ts';
import { fitsSchema } from '../../../cli/word-value.ts';
import type { ListedTool } from '../../../runtime/client/listings.ts';
import { unusableBecause } from '../../../runtime/plugin/input/listed-schema.ts';
import type { JsonObject, JsonValue } from '../../../runtime/wire/json-value.ts';
import { OrchestraError } from '../../../runtime/wire/orchestra-error.ts';
import type { CallError } from '../../feed/feed-message.ts';
import type { Key } from '../../keys/key.ts';
import type { Action } from '../../keys/key-map.ts';
import type { Mode } from '../mode.ts';
import { TextInput } from '../text-input.ts';
import type { Ui } from '../ui.ts';
import { DetailMode } from './detail-mode.ts';

/** An argument in a form. */
export interface FormField {
	readonly parameter: ToolParameter;
	readonly input: TextInput;
	/** Fault of the value; empty for none. */
	fault: string;
}

/** The call of a tool, filled in as its schema asks. */
export class FormMode implements Mode {
	readonly place = 'form';
	readonly tool: ListedTool;
	readonly fields: readonly FormField[];
	readonly #ui: Ui;
	#index = 0;
	/** Fault of all of it. */
	#fault = '';
	#call: { readonly id: string; readonly detail: DetailMode } | undefined;

	/** @param args what it begins with */
	constructor(ui: Ui, tool: ListedTool, args: JsonObject = {}) {
		this.#ui = ui;
		this.tool = tool;
		this.fields = toolParameters(tool.inputSchema).map((parameter) => ({
			parameter,
			input: new TextInput(textOf(args[parameter.key])),
			fault: '',
		}));
		this.#fault = unusableBecause(tool.inputSchema) ?? '';
	}

	/** The field that has the keys; -1 where there is none. */
	get index(): number {
		return this.fields.length === 0 ? -1 : this.#index;
	}

	get fault(): string {
		return this.#fault;
	}

	act(action: Action): void {
		const { length } = this.fields;
		switch (action) {
			case 'up':
				this.#index = (this.#index + length - 1) % Math.max(1, length);
				return;
			case 'down':
				this.#index = (this.#index + 1) % Math.max(1, length);
				return;
			case 'left':
			case 'right':
				this.#sideways(action);
				return;
			case 'open':
				this.#submit();
				return;
			default:
				this.#ui.exit(this);
		}
	}

	type(key: Key): void {
		const field = this.fields[this.#index];
		if (!field) return;
		if (key.name === ' ' && field.parameter.choices.length > 0) this.#sideways('right');
		else if (field.input.press(key)) field.fault = '';
	}

	/** Looks how its call went: what the tool says of an argument is shown at its field. */
	refresh(): void {
		const call = this.#call && this.#ui.model.call(this.#call.id);
		if (!this.#call || !call || call.state === 'running') return;
		const { detail } = this.#call;
		this.#call = undefined;
		if (call.error?.code !== 'invalid_arguments' || this.#ui.mode !== detail) return;
		this.#ui.exit(detail);
		this.#showFaults(call.error);
	}

	#sideways(action: 'left' | 'right'): void {
		const field = this.fields[this.#index];
		if (!field) return;
		const { choices } = field.parameter;
		if (choices.length === 0) {
			field.input.press({ name: action, text: '' });
			return;
		}
		const texts = choices.map((json) => textOf(JSON.parse(json)));
		if (!field.parameter.required) texts.unshift('');
		const at = texts.indexOf(field.input.text);
		const next = (at + (action === 'right' ? 1 : texts.length - 1) + texts.length) % texts.length;
		field.input.set(texts[at < 0 ? 0 : next] ?? '');
		field.fault = '';
	}

	#submit(): void {
		this.#fault = unusableBecause(this.tool.inputSchema) ?? '';
		if (this.#fault) return;
		const args = this.#read();
		if (!args) return;
		try {
			const id = this.#ui.feed.call(this.tool, args);
			this.#ui.resume();
			const detail = new DetailMode(this.#ui, 'calls', id);
			this.#ui.enter(detail);
			this.#call = { id, detail };
		} catch (error) {
			this.#ui.complain(error);
		}
	}

	/** The arguments; undefined where one of them is wrong: its field says why, and has the keys. */
	#read(): JsonObject | undefined {
		const args: JsonObject = {};
		for (const field of this.fields) {
			field.fault = '';
			const { key, required } = field.parameter;
			const { text } = field.input;
			if (text === '') {
				if (required) field.fault = 'it is required';
				continue;
			}
			try {
				const read = argumentsOf(
					[{ key, json: false, file: undefined, text }],
					undefined,
					this.tool.inputSchema,
				);
				const value = read[key] as JsonValue;
				args[key] = value;
				if (!fitsSchema(value, argumentSchema(this.tool.inputSchema, key)))
					field.fault = `it has to be ${field.parameter.type}`;
			} catch (thrown) {
				field.fault = OrchestraError.from(thrown, 'usage').message;
			}
		}
		return this.#toFirstFault() ? undefined : args;
	}

	#showFaults({ message, details }: CallError): void {
		const faults = Array.isArray(details?.faults) ? details.faults : [];
		for (const fault of faults) {
			const { pointer, message: text } = fault as { pointer?: unknown; message?: unknown };
			const key = String(pointer).split('/')[1]?.replaceAll('~1', '/').replaceAll('~0', '~');
			const field = this.fields.find(({ parameter }) => parameter.key === key);
			if (field && field.fault === '') field.fault = String(text);
		}
		if (!this.#toFirstFault()) this.#fault = message;
	}

	#toFirstFault(): boolean {
		const index = this.fields.findIndex(({ fault }) => fault !== '');
		if (index >= 0) this.#index = index;
		return index >= 0;
	}
}

function textOf(value: JsonValue | undefined): string {
	if (value === undefined) return '';
	return typeof value === 'string' ? value : JSON.stringify(value);
}
