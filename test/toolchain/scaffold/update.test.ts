import { mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { scaffoldFiles } from '../../../src/toolchain/scaffold/scaffold-files.ts';
import { scaffoldRuntimes, templateNames } from '../../../src/toolchain/scaffold/template.ts';
import { templateVersion } from '../../../src/toolchain/scaffold/template-history.ts';
import { applyUpdate } from '../../../src/toolchain/scaffold/update/apply-update.ts';
import { findRecord } from '../../../src/toolchain/scaffold/update/find-record.ts';
import { planUpdate } from '../../../src/toolchain/scaffold/update/plan-update.ts';
import { scratchFolder } from '../../support/scratch-folder.ts';
import { writeFiles } from '../write-files.ts';

const folders = scratchFolder('scaffold-update');
let dir = '';

beforeEach(() => {
	dir = mkdtempSync(join(folders, 'case-'));
});

const contents = () =>
	Object.fromEntries(readdirSync(dir).map((name) => [name, readFileSync(join(dir, name), 'utf8')]));

const all = scaffoldRuntimes.flatMap((runtime) =>
	templateNames.flatMap((template) =>
		Array.from({ length: templateVersion() }, (_, index) => ({ runtime, template, version: index + 1 })),
	),
);

test.each(all)('$template for $runtime of version $version comes to the current one', (made) => {
	const { version, ...now } = { dir, id: 'acme.old', ...made };
	writeFiles(dir, Object.fromEntries(scaffoldFiles({ ...now, version })));
	const path = join(dir, 'plugin.ts');
	const own = readFileSync(path, 'utf8').replace("'0.1.0'", "'7.0.0'");
	writeFileSync(path, own);
	const record = findRecord(dir, {});
	// Templates whose files were the same in several versions, without a record, may be taken for the older.
	expect(record).toMatchObject({ id: 'acme.old', template: made.template, runtime: made.runtime });
	const update = planUpdate(dir, record);
	expect(update.conflicts).toEqual([]);
	applyUpdate(update);
	expect(contents()).toEqual({ ...Object.fromEntries(scaffoldFiles(now)), 'plugin.ts': own });
});

test('a file that is saved while somebody is asked is not written over', () => {
	const made = { dir, id: 'acme.old', runtime: 'node', template: 'tool' } as const;
	writeFiles(dir, Object.fromEntries(scaffoldFiles({ ...made, version: 1 })));
	const update = planUpdate(dir, findRecord(dir, {}));
	writeFileSync(join(dir, 'plugin.test.ts'), 'saved');
	const before = contents();
	expect(() => applyUpdate(update)).toThrow(/somebody has changed plugin\.test\.ts meanwhile/);
	expect(contents()).toEqual(before);
});
