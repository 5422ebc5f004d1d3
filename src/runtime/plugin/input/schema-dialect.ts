import type { JsonObject } from '../../wire/json-value.ts';

/** A version of JSON Schema. */
export type Dialect = '2020-12' | '2019-09' | 'draft-07' | 'draft-06';

const dialects: ReadonlyArray<readonly [pattern: RegExp, dialect: Dialect]> = [
	[/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, '2020-12'],
	[/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, '2019-09'],
	[/^https?:\/\/json-schema\.org\/draft-07\/schema#?$/, 'draft-07'],
	[/^https?:\/\/json-schema\.org\/draft-06\/schema#?$/, 'draft-06'],
	// Limits and ids that it writes otherwise are read as well, whatever the dialect.
	[/^https?:\/\/json-schema\.org\/draft-04\/schema#?$/, 'draft-06'],
	// Means the latest one.
	[/^https?:\/\/json-schema\.org\/schema#?$/, '2020-12'],
];

/**
 * The dialect that a schema says it is written in. One that does not say is of 2020-12, unless it has what only older ones have.
 *
 * @param older whether it has
 * @returns undefined for a dialect that is not known
 */
export function dialectOf({ $schema }: JsonObject, older: boolean): Dialect | undefined {
	if ($schema === undefined) return older ? 'draft-07' : '2020-12';
	return dialects.find(([pattern]) => typeof $schema === 'string' && pattern.test($schema))?.[1];
}
