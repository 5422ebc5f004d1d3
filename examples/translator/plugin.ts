import { createPlugin } from 'orchestra-toolchain';
import { notFound } from 'orchestra-toolchain/seams';
import { translator } from './translator.ts';

/** Stands in for a real dictionary. */
const words: Record<'de' | 'no', Record<string, string>> = {
	de: { bread: 'Brot', milk: 'Milch', water: 'Wasser' },
	no: { bread: 'brød', milk: 'melk', water: 'vann' },
};

function translate({ word, language }: { word: string; language: 'de' | 'no' }): { word: string } {
	const found = words[language][word];
	// The host gets this error as it is, wherever the plugin runs.
	if (found === undefined) throw notFound(`there is no ${language} word for ${word}`, { word, language });
	return { word: found };
}

export default createPlugin('translator')
	.version('1.0.0')
	.description('Translates a few words: an example of a seam.')
	.provideSeam(translator, {
		translate,
		async *translateAll(requests) {
			for await (const request of requests) yield translate(request);
		},
	})
	.build();
