import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { DiagLogLevel, diag } from '@opentelemetry/api';
import type { TelemetryOptions } from './telemetry-options.ts';

/** The optional peer that exports. */
const sdkPackage = '@opentelemetry/sdk-node';

/** The version that this was tried with. With 0.301 no span arrived, and nobody has found out why. */
const triedSdk = '0.223.0';

/** The part of the SDK that is used. It reads all standard variables itself. */
interface Sdk {
	readonly NodeSDK: new (options: {
		readonly serviceName?: string;
	}) => {
		start(): void;
		shutdown(): Promise<void>;
	};
}

/**
 * Starts the SDK of the user.
 *
 * @returns what sends all that was recorded; undefined where the SDK is not there or does not start, which is told
 */
export async function startSdk(
	{ service, from, warn }: TelemetryOptions,
	env: NodeJS.ProcessEnv,
): Promise<(() => Promise<void>) | undefined> {
	const path = from.map(findSdk).find((found) => found !== undefined);
	if (path === undefined) {
		warn(`nothing is exported, as OTEL_… asks: the SDK is not installed. Install it: ${installCommand()}`);
		return undefined;
	}
	// Its own logger says everything where OTEL_LOG_LEVEL is set.
	if (!env.OTEL_LOG_LEVEL) tellFirstFault(warn);
	try {
		const module = (await import(pathToFileURL(path).href)) as Sdk & { default?: Sdk };
		const { NodeSDK } = module.default ?? module;
		// Not what it would find out about the process: arguments may hold what is not for others.
		process.env.OTEL_NODE_RESOURCE_DETECTORS ||= 'env,host';
		const sdk = new NodeSDK(namesService(env) ? {} : { serviceName: service });
		sdk.start();
		return () => sdk.shutdown();
	} catch (error) {
		warn(`nothing is exported, as OTEL_… asks: the SDK does not start: ${(error as Error).message}`);
		return undefined;
	}
}

function namesService({ OTEL_SERVICE_NAME = '', OTEL_RESOURCE_ATTRIBUTES = '' }: NodeJS.ProcessEnv): boolean {
	return OTEL_SERVICE_NAME !== '' || /(^|,)\s*service\.name\s*=/.test(OTEL_RESOURCE_ATTRIBUTES);
}

function findSdk(from: string): string | undefined {
	try {
		return createRequire(join(from, 'from-here.js')).resolve(sdkPackage);
	} catch {
		return undefined;
	}
}

function installCommand(): string {
	return `npm install ${sdkPackage}@${triedSdk}`;
}

/** Logs the first fault of exporting, and no more: the same would come every few seconds. */
function tellFirstFault(warn: (message: string) => void): void {
	let told = false;
	const error = (message: string, ...more: unknown[]): void => {
		if (told) return;
		told = true;
		warn(`spans or metrics could not be exported: ${readable([message, ...more].map(String).join(' '))}`);
	};
	const nothing = () => {};
	diag.setLogger(
		{ error, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
		{ logLevel: DiagLogLevel.ERROR, suppressOverrideMessage: true },
	);
}

/** The SDK tells errors as JSON, with their stacks. */
function readable(text: string): string {
	try {
		const { message, code, name } = JSON.parse(text) as Record<string, unknown>;
		return [message || name, code].filter((part) => typeof part === 'string' && part !== '').join(' ');
	} catch {
		return text;
	}
}
