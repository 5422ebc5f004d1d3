import type { PluginManifest } from '../../runtime/wire/generated/messages.ts';
import { isObject } from '../../runtime/wire/json-value.ts';
import { broken, type Check, type Finding, notMade } from '../check.ts';
import { errorCodeOf, exchange, toldResponse } from '../subject/exchange.ts';
import type { Subject } from '../subject/subject.ts';

/** The keys of `--manifest` that hold a text, and those that hold a list. */
const texts = ['id', 'version', 'description', 'author', 'language'];
const lists = [
	'provides_tools',
	'provides_storage',
	'provides_transport',
	'provides_ai',
	'provides_prompts',
	'needs_storage',
	'needs_ai',
	'needs_tools',
];

const noManifest = notMade('it told its manifest nowhere');

export const manifestChecks: readonly Check[] = [
	{
		number: 201,
		name: 'manifest-flag',
		profile: 'core',
		needs: 'process',
		why: 'Installers and registries read it without starting the plugin.',
		async run(subject) {
			const expected = 'one JSON object on stdout with all keys, and exit code 0';
			const run = await subject.runManifest();
			if (run.exitCode !== 0)
				return broken(
					expected,
					run.exitCode === null ? 'no end within 10 s' : `exit code ${run.exitCode}: ${cut(run.stderr)}`,
				);
			const manifest = parsed(run.stdout);
			if (!manifest) return broken(expected, cut(run.stdout) || 'nothing');
			const wrong = [
				...texts.filter((key) => typeof manifest[key] !== 'string').map((key) => `${key} is no text`),
				...lists.filter((key) => !Array.isArray(manifest[key])).map((key) => `${key} is no list`),
			];
			return wrong.length > 0 ? broken(expected, wrong.join(', ')) : undefined;
		},
	},
	{
		number: 202,
		name: 'manifest-agrees',
		profile: 'core',
		needs: 'process',
		why: 'What was installed by one manifest runs under the other.',
		async run(subject) {
			const { registration } = await subject.instance();
			const told = parsed((await subject.runManifest()).stdout);
			if (!registration || !told) return notMade('one of the two manifests is missing');
			const { manifest } = registration;
			const pairs: [string, unknown, unknown][] = [
				['version', told.version, manifest.version ?? ''],
				['provides_tools', sorted(told.provides_tools), sorted(manifest.providesTools)],
				['provides_storage', sorted(told.provides_storage), sorted(manifest.providesStorage)],
				['provides_prompts', sorted(told.provides_prompts), sorted(manifest.providesPrompts)],
				['needs_tools', sorted(told.needs_tools), sorted(manifest.needsTools)],
				['needs_storage', sorted(told.needs_storage), sorted(manifest.needsStorage)],
			];
			const differing = pairs.find(([, a, b]) => JSON.stringify(a) !== JSON.stringify(b));
			if (!differing) return undefined;
			const [key, a, b] = differing;
			return broken(
				`the same ${key} in --manifest and in its registration`,
				`${JSON.stringify(a)} and ${JSON.stringify(b)}`,
			);
		},
	},
	{
		number: 203,
		name: 'manifest-tools',
		profile: 'core',
		why: 'A host routes by the manifest, and people see the list: a tool that is in one only cannot be found, or cannot be called.',
		run: (subject) =>
			compare(
				subject,
				'tools',
				(manifest) => manifest.providesTools,
				async () => (await subject.instance()).tools.map(({ name }) => name),
			),
	},
	{
		number: 204,
		name: 'manifest-prompts',
		profile: 'core',
		why: 'Hosts show the prompts that the manifest names, and ask for those that are listed.',
		run: (subject) =>
			compare(
				subject,
				'prompts',
				(manifest) => manifest.providesPrompts,
				async () => (await subject.instance()).prompts.map(({ name }) => name),
			),
	},
	{
		number: 205,
		name: 'manifest-storage',
		profile: 'core',
		why: 'A host routes storage requests to whoever says that it provides the type.',
		async run(subject) {
			const { manifest, connection } = await subject.instance();
			if (!manifest) return noManifest;
			const [storageType] = manifest.providesStorage ?? [];
			if (storageType === undefined) return undefined;
			const { last } = await exchange(connection, { storageList: { prefix: '', pattern: '', storageType } });
			if (last.storageList && errorCodeOf(last) === undefined) return undefined;
			return broken(
				`a list of its storage ${storageType}, which it says that it provides`,
				toldResponse(last),
			);
		},
	},
];

async function compare(
	subject: Subject,
	what: string,
	said: (manifest: PluginManifest) => readonly string[] | undefined,
	listed: () => Promise<readonly string[]>,
): Promise<Finding> {
	const { manifest } = await subject.instance();
	if (!manifest) return noManifest;
	const inManifest = sorted(said(manifest));
	const inList = sorted(await listed());
	const only = (a: string[], b: string[]) => a.filter((name) => !b.includes(name)).join(', ');
	const unlisted = only(inManifest, inList);
	const unsaid = only(inList, inManifest);
	if (!unlisted && !unsaid) return undefined;
	return broken(
		`the same ${what} in its manifest and in its list`,
		[unlisted && `only in the manifest: ${unlisted}`, unsaid && `only in the list: ${unsaid}`]
			.filter(Boolean)
			.join('; '),
	);
}

function sorted(list: unknown): string[] {
	return Array.isArray(list) ? list.map(String).sort() : [];
}

function parsed(text: string): Record<string, unknown> | undefined {
	try {
		const value: unknown = JSON.parse(text);
		return isObject(value) ? (value as Record<string, unknown>) : undefined;
	} catch {
		return undefined;
	}
}

function cut(text: string): string {
	return text.trim().slice(0, 300);
}
