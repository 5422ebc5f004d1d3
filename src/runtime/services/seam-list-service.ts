import type { JsonObject } from '../wire/json-value.ts';
import type { OfferedSeam } from './seam-transport.ts';
import { defineService, unary } from './service-definition.ts';

/** Lists the seams that a plugin serves, for a host that looks for the highest version that both have. A plugin without seams need not serve it. */
export const seamListService = defineService('orchestra.seams', 1, {
	list: unary<JsonObject, { readonly seams: readonly OfferedSeam[] }>(),
});
