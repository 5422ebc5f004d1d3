/** Facts about a go-plugin that its host has to know. */
export interface GoPluginSettings {
	/** The variable by which the plugin knows its host. It is no secret. */
	readonly cookie: { readonly key: string; readonly value: string };
	/** The versions of the plugin's own protocol that are offered to it; it takes its highest among them. At least one. */
	readonly versions: readonly number[];
	/**
	 * Whether both ends show each other certificates of this launch (go-plugin's AutoMTLS). Without it whoever may open the socket
	 * may call the plugin: for plugins that do not know it. Default true.
	 */
	readonly mtls?: boolean | undefined;
	/** SHA-256 that the executable has to have, in hexadecimal. Default: any. */
	readonly sha256?: string | undefined;
}
