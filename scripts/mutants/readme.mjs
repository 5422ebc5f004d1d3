// The tables of test/mutants/README.md: which test noticed what, and what no test notices, as the last runs found it.

const unknown = 'not tried yet';

/**
 * The page with its tables filled in. In the first ones a row names an entry: `folder: sentence`, or `folder` where the sentence is that
 * of the row; what stands in its last cell is replaced.
 *
 * @param {string} page
 * @param {Record<string, { missed: string[], harmless: { change: string, why: string }[] }>} scores as in score.json
 * @param {Record<string, Record<string, { file: string, test: string }>>} noticed as in noticed.json
 */
export function fillTables(page, scores, noticed) {
	const [behaviours = '', rest] = page.split(/^(?=## What no test notices)/m);
	if (rest === undefined) throw new Error('the page has no part "What no test notices"');
	const rows = behaviours.replace(
		/^\| (?!behaviour )(.+?) \| ([a-z-]+)(?:: (.+?))? \| .* \|$/gm,
		(_row, sentence, folder, named) => {
			const entry = named === undefined ? folder : `${folder}: ${named}`;
			return `| ${sentence} | ${entry} | ${testOf(scores, noticed, folder, named ?? sentence)} |`;
		},
	);
	const [heading] = rest.split('\n', 1);
	return `${rows}${heading}\n${missedPart(scores)}${harmlessPart(scores)}`;
}

function testOf(scores, noticed, folder, sentence) {
	const by = noticed[folder]?.[sentence];
	if (by) return `\`${by.file.replace(/^test\//, '')}\`: ${by.test.replaceAll('|', '\\|')}`;
	const { missed = [], harmless = [] } = scores[folder] ?? {};
	if (missed.includes(sentence)) return '**none**';
	return harmless.some(({ change }) => change === sentence) ? 'nobody would notice' : unknown;
}

function missedPart(scores) {
	const missed = Object.entries(scores).flatMap(([folder, score]) =>
		score.missed.map((one) => `- ${folder}: ${one}`),
	);
	if (missed.length === 0) return '\nNothing that was tried.\n';
	return `\nMissed by the tests that the lists name:\n\n${missed.join('\n')}\n`;
}

function harmlessPart(scores) {
	const harmless = Object.entries(scores).flatMap(([folder, score]) =>
		score.harmless.map(({ change, why }) => `- ${folder}: ${change}: ${why}.`),
	);
	if (harmless.length === 0) return '';
	return `\nEntries that say why they change nothing that a user would notice are not run:\n\n${harmless.join('\n')}\n`;
}
