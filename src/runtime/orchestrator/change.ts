import type { Address } from '../carrier/address.ts';
import type { PluginSlot } from '../hosting/plugin-slot.ts';

/** Something that has changed in an orchestrator. */
export type OrchestratorChange =
	/** A plugin's state, or what it provides. */
	| { readonly kind: 'plugin'; readonly slot: PluginSlot }
	/** A plugin's report of its health. */
	| { readonly kind: 'health'; readonly slot: PluginSlot }
	| { readonly kind: 'plugin_removed'; readonly slot: PluginSlot }
	| { readonly kind: 'listening'; readonly address: Address }
	| { readonly kind: 'stopping' };
