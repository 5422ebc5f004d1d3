import type { SeamMessages } from '../../hosting/go-plugin/seam-messages.ts';
import type { JsonObject, JsonValue } from '../../wire/json-value.ts';
import { healthStates } from './records.ts';

/** Nanoseconds in a millisecond. Times in nanoseconds are beyond what numbers hold. */
const million = 1_000_000n;

/** A property of the seam whose form in a message is another. */
interface Form {
	/** Its name in a message. */
	readonly field: string;
	toMessage(value: JsonValue): JsonValue;
	fromMessage(value: JsonValue): JsonValue;
}

const nanoseconds = (field: string): Form => ({
	field,
	toMessage(value) {
		// A value that is no number is refused by whoever checks the message.
		if (typeof value !== 'number' || !Number.isFinite(value)) return value;
		const whole = Math.trunc(value);
		const rest = Math.round((value - whole) * Number(million));
		return String(BigInt(whole) * million + BigInt(rest));
	},
	fromMessage(value) {
		const whole = BigInt(String(value));
		return Number(whole / million) + Number(whole % million) / Number(million);
	},
});

const prefix = 'HEALTH_STATE_';

const forms = new Map<string, Form>([
	['createdAt', nanoseconds('createdAt')],
	['updatedAt', nanoseconds('updatedAt')],
	['checkedAt', nanoseconds('checkedAt')],
	['latencyMs', nanoseconds('latency')],
	[
		'state',
		{
			field: 'state',
			toMessage: (value) =>
				(healthStates as readonly JsonValue[]).includes(value)
					? `${prefix}${String(value).toUpperCase()}`
					: value,
			fromMessage: (value) => String(value).replace(prefix, '').toLowerCase(),
		},
	],
]);

const formsByField = new Map([...forms].map(([name, form]) => [form.field, { name, form }]));

/**
 * The seam `store` over gRPC, as `proto/orchestra/store/v1/store.proto` of this package has it: times and durations are nanoseconds there, and
 * states an enum.
 */
export const storeMessages: SeamMessages = {
	toMessage(value) {
		const message: JsonObject = {};
		for (const [name, of] of Object.entries(value)) {
			if (of === undefined) continue;
			const form = forms.get(name);
			message[form?.field ?? name] = form ? form.toMessage(of) : of;
		}
		return message;
	},
	fromMessage(message) {
		const value: JsonObject = {};
		for (const [field, of] of Object.entries(message)) {
			if (of === undefined) continue;
			const found = formsByField.get(field);
			if (found) value[found.name] = found.form.fromMessage(of);
			else value[field] = isList(field, of) ? of.map(storeMessages.fromMessage) : of;
		}
		return value;
	},
};

/** Whether a field holds records. */
function isList(field: string, value: JsonValue): value is JsonObject[] {
	return Array.isArray(value) && ['flags', 'components', 'checks'].includes(field);
}
