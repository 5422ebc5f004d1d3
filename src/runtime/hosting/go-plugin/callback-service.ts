/** A service of the host that a go-plugin calls, over go-plugin's broker. Tools of any plugin answer for its methods. */
export interface CallbackService {
	/** The field of requests that tells the plugin the number of the service: `add_server`. The host fills it in. */
	readonly field: string;
	/** Its full name, as the plugin's descriptors have it: `proto.AddHelper`. */
	readonly service: string;
	/** The tool for each method. Unary methods only. */
	readonly methods: Readonly<Record<string, string>>;
}
