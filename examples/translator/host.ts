import { embedded, type PluginSource } from 'orchestra-toolchain/host';
import { isNotFound, loadSeam } from 'orchestra-toolchain/seams';
import plugin from './plugin.ts';
import { translator } from './translator.ts';

/**
 * A program that uses the seam. It does not know where the translator runs: `embedded(plugin)` is this process, `launched({ … })` one of its
 * own, `remote({ … })` one that runs already.
 */
export async function translateList(
	list: readonly string[],
	language: 'de' | 'no',
	source: PluginSource = embedded(plugin),
): Promise<string[]> {
	await using seam = await loadSeam(translator, source);
	const translated: string[] = [];
	for (const word of list) {
		try {
			translated.push((await seam.client.translate({ word, language })).word);
		} catch (error) {
			if (!isNotFound(error)) throw error;
			translated.push(`(${word})`);
		}
	}
	return translated;
}
