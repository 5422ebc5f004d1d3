import document from './orchestra.schema.json' with { type: 'json' };

/** The part of JSON Schema that the schema of configurations is written in. */
export interface ConfigurationSchema {
	readonly $ref?: string;
	readonly anyOf?: readonly ConfigurationSchema[];
	readonly type?: string | readonly string[];
	readonly enum?: readonly string[];
	readonly pattern?: string;
	readonly format?: string;
	readonly minLength?: number;
	readonly minimum?: number;
	readonly maximum?: number;
	readonly minItems?: number;
	readonly items?: ConfigurationSchema;
	readonly properties?: Readonly<Record<string, ConfigurationSchema>>;
	readonly additionalProperties?: boolean | ConfigurationSchema;
	readonly propertyNames?: ConfigurationSchema;
	readonly required?: readonly string[];
	readonly $defs?: Readonly<Record<string, ConfigurationSchema>>;
}

/** The published JSON Schema of `orchestra.yaml`; that of `plugins.yaml` is its `#/$defs/go_format`. */
export const configurationSchema: ConfigurationSchema & { readonly $schema: string } = document;

/** The schema that a format's files have to fit. */
export const formatSchemas = {
	orchestra: configurationSchema,
	go: definition('go_format'),
} as const satisfies Record<string, ConfigurationSchema>;

function definition(name: string): ConfigurationSchema {
	const found = configurationSchema.$defs?.[name];
	if (!found) throw new Error(`the schema of configurations has no $defs/${name}`);
	return found;
}

/** The schema that a reference stands for, with what stands beside the reference. */
export function resolveSchema(schema: ConfigurationSchema): ConfigurationSchema {
	if (schema.$ref === undefined) return schema;
	const { $ref, ...beside } = schema;
	return { ...resolveSchema(definition($ref.replace('#/$defs/', ''))), ...beside };
}
