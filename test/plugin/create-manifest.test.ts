import { expect, test } from 'vitest';
import { createManifest } from '../../src/runtime/plugin/definition/manifest-builder.ts';

test('a manifest is written without a plugin, each name once, and a snapshot each time', () => {
	const builder = createManifest('tools.go')
		.version('1.2.0')
		.description('Tools.')
		.author('Ada')
		.binary('bin/tools')
		.providesTools('a', 'b')
		.providesTools('a')
		.providesPrompts('p')
		.providesStorage('notes')
		.providesAi('claude')
		.providesTransport('quic')
		.providesEvents('e')
		.needsTools('t')
		.needsStorage('markdown')
		.needsAi('openai')
		.needsEvents('f');
	const manifest = builder.build();
	builder.providesTools('c');
	expect(manifest).toMatchObject({
		id: 'tools.go',
		version: '1.2.0',
		description: 'Tools.',
		author: 'Ada',
		binary: 'bin/tools',
		providesTools: ['a', 'b'],
		providesPrompts: ['p'],
		providesStorage: ['notes'],
		providesAi: ['claude'],
		providesTransport: ['quic'],
		providesEvents: ['e'],
		needsTools: ['t'],
		needsStorage: ['markdown'],
		needsAi: ['openai'],
		needsEvents: ['f'],
	});
	expect(builder.build().providesTools).toEqual(['a', 'b', 'c']);
	expect(() => createManifest('no id')).toThrow(expect.objectContaining({ code: 'invalid_plugin' }));
	expect(() => createManifest('a').needsTools('')).toThrow(
		expect.objectContaining({ code: 'invalid_plugin' }),
	);
});
