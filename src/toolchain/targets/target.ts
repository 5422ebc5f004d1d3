import type { Address } from '../../runtime/carrier/address.ts';
import type { McpSettings } from '../../runtime/hosting/mcp/mcp-settings.ts';
import type { InstalledServer } from '../install/mcp/installed-server.ts';
import type { PluginStore } from '../install/store/plugin-store.ts';

/** Target of a command. */
export type Target =
	/** A plugin or server that runs already. */
	| { readonly kind: 'address'; readonly address: Address }
	/** A module with a plugin in it: embedded, or run as a process by us. */
	| { readonly kind: 'module'; readonly entry: string; readonly folder: string; readonly check?: CheckFiles }
	/** An MCP server. */
	| {
			readonly kind: 'mcp';
			readonly label: string;
			readonly settings: McpSettings;
			/** Start of an installed one; its command stands in its settings once they are filled in. */
			readonly installed?: {
				readonly server: InstalledServer;
				readonly folder: string;
				readonly check: CheckFiles;
			};
	  }
	/** A program of any language that follows the process contract. */
	| { readonly kind: 'executable'; readonly path: string; readonly check?: CheckFiles };

/** A target that is started, rather than connected to. */
export type LocalTarget = Exclude<Target, { kind: 'address' }>;

/** Targets of ours that can be installed. */
export type InstalledTarget = Extract<Target, { kind: 'module' | 'executable' }>;

/** Called before each start of an installed plugin. @throws OrchestraError `integrity_failed` where a file was changed */
export type CheckFiles = () => void;

/** Context in which the word for a target is looked up. */
export interface TargetContext {
	/** The project with the lock file that says which version an id means. Default: the one around the working folder. */
	readonly project?: string | undefined;
	/** Installed plugins. Default: the user's own. */
	readonly store?: PluginStore;
}
