import { lstatSync } from 'node:fs';
import { join } from 'node:path';

/** The files that are a configuration by their name, the first that is there counts. */
export const configurationNames = ['orchestra.yaml', 'orchestra.yml', 'plugins.yaml'] as const;

/** The configuration file in a folder; undefined where there is none. */
export function findConfiguration(folder: string): string | undefined {
	return configurationNames
		.map((name) => join(folder, name))
		.find((path) => lstatSync(path, { throwIfNoEntry: false }) !== undefined);
}
