import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findConfiguration } from '../../../src/toolchain/configuration/find-configuration.ts';
import { writeFiles } from '../write-files.ts';
import { scratchFolder } from './read-text.ts';

const folder = scratchFolder();

test('orchestra.yaml comes before orchestra.yml, and both before plugins.yaml', () => {
	expect(findConfiguration(folder)).toBeUndefined();
	for (const name of ['plugins.yaml', 'orchestra.yml', 'orchestra.yaml']) {
		writeFiles(folder, { [name]: 'plugins: []' });
		expect(findConfiguration(folder)).toBe(join(folder, name));
	}
});

test('what has the name and cannot be read is found all the same: its reader says why', () => {
	for (const name of ['orchestra.yaml', 'orchestra.yml']) rmSync(join(folder, name), { force: true });
	mkdirSync(join(folder, 'orchestra.yml'));
	expect(findConfiguration(folder)).toBe(join(folder, 'orchestra.yml'));
	symlinkSync('nowhere', join(folder, 'orchestra.yaml'));
	expect(findConfiguration(folder)).toBe(join(folder, 'orchestra.yaml'));
	expect(findConfiguration(join(folder, 'nowhere'))).toBeUndefined();
});
