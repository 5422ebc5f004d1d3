/** Options of telemetry. */
export interface TelemetryOptions {
	/** Service that spans and metrics name, where `OTEL_SERVICE_NAME` says nothing else. */
	readonly service: string;
	/** Version of the software. */
	readonly version: string;
	/** Folders and files from which the SDK is looked for, in this order. */
	readonly from: readonly string[];
	/** Hears, once, why nothing can be exported. */
	readonly warn: (message: string) => void;
	/** Default: this process's. */
	readonly env?: NodeJS.ProcessEnv | undefined;
}
