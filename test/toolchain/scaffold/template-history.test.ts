import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { templatesDigest } from '../../../scripts/keep-templates.mjs';
import { templatePart, templateVersion } from '../../../src/toolchain/scaffold/template-history.ts';
import { projectRoot } from '../../support/run-cli.ts';

test('every version of the templates can be had again as it was; a change of them makes a version', () => {
	const path = join(projectRoot, 'templates/versions.json');
	const kept = JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;
	const versions = Array.from({ length: templateVersion() }, (_, index) => String(index + 1));
	const digests = versions.map((version) => [
		version,
		templatesDigest((part) => templatePart(part, Number(version))),
	]);
	// Where the last differs, the templates have changed: npm run templates:keep (with -- --amend where no release has had it).
	expect(Object.fromEntries(digests)).toEqual(kept);
});
