import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildGo } from './build-go.ts';

/** Programs on hashicorp/go-plugin: examples of its own, and those of test/interop/go-plugin. */
export interface GoPluginBinaries {
	/** The example with a key-value service. Cookie `BASIC_PLUGIN=hello`. */
	readonly kv: string;
	/** The example that calls its host back. The same cookie. */
	readonly counter: string;
	/** The example over net/rpc. The same cookie. */
	readonly netrpc: string;
	/** A method for each thing that a host can notice. See {@link probeCookie}. */
	readonly probe: string;
	/** A store behind a seam. See {@link storeCookie}. */
	readonly store: string;
	/** A host that loads a plugin with the service of {@link kv}. */
	readonly host: string;
	/** Why the tests cannot run here; undefined where they can. Belongs into their names, so that a skip is never silent. */
	readonly missing: string | undefined;
}

export const kvCookie = { key: 'BASIC_PLUGIN', value: 'hello' };
export const storeCookie = { key: 'STORE_PLUGIN', value: 'orchestra-store' };
export const probeCookie = { key: 'PROBE_COOKIE', value: 'open sesame' };

const source = fileURLToPath(new URL('../go-plugin', import.meta.url));
const folder = fileURLToPath(new URL('../bin/go-plugin', import.meta.url));
const examples = 'github.com/hashicorp/go-plugin/examples';

/** Builds the programs once: a second build with nothing changed costs a few tenths of a second. */
export async function goPluginBinaries(): Promise<GoPluginBinaries> {
	const at = (name: string) => join(folder, name);
	const [kv, counter, netrpc] = [at('kv'), at('counter'), at('netrpc')];
	const missing = await buildGo(source, folder, [
		['-o', `${folder}/`, './...'],
		['-o', kv, `${examples}/grpc/plugin-go-grpc`],
		['-o', counter, `${examples}/bidirectional/plugin-go-grpc`],
		['-o', netrpc, `${examples}/grpc/plugin-go-netrpc`],
	]);
	return { kv, counter, netrpc, probe: at('probe'), store: at('store'), host: at('host'), missing };
}
