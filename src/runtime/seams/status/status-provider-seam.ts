import { jsonSchema } from '../json-schema.ts';
import { nameMethod } from '../named-seam.ts';
import { defineSeam } from '../seam.ts';
import type { SeamClient, SeamImplementation } from '../seam-method.ts';
import { checkSchema, componentSchema } from '../store/record-schemas.ts';
import type { Check, Component } from '../store/records.ts';

/**
 * The seam `status_provider`: whoever finds out how a component is. That it is down is an answer, not an error; {@link checkStatus} makes
 * one of every failure.
 */
export const statusProviderSeam = defineSeam('status_provider', {
	version: 1,
	methods: {
		name: nameMethod,
		check: { input: jsonSchema<Component>(componentSchema), output: jsonSchema<Check>(checkSchema) },
	},
});

/** Implementation of {@link statusProviderSeam}. */
export type StatusProvider = SeamImplementation<(typeof statusProviderSeam)['methods']>;

/** Client of one, for a host. */
export type StatusProviderClient = SeamClient<(typeof statusProviderSeam)['methods']>;
