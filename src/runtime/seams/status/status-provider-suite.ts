import { ok, rejects, strictEqual } from 'node:assert/strict';
import type { ConformanceCase } from '../conformance-case.ts';
import { healthStates } from '../store/records.ts';
import type { StatusProviderClient } from './status-provider-seam.ts';

/** Behaviour of every implementation of {@link statusProviderSeam}. */
export const statusProviderSuite: readonly ConformanceCase<StatusProviderClient>[] = [
	{
		name: 'C6 it says its name, the same each time',
		async run(provider) {
			const { name } = await provider.name();
			ok(name.length > 0);
			strictEqual((await provider.name()).name, name);
		},
	},
	{
		name: 'C7 a component that it can know nothing about has a state all the same',
		async run(provider) {
			const check = await provider.check({ key: 'no-such-thing', config: {} });
			strictEqual(check.component, 'no-such-thing');
			ok(healthStates.includes(check.state), `${check.state} is a state`);
		},
	},
	{
		name: 'many checks at once each answer for their own component',
		async run(provider) {
			const keys = Array.from({ length: 20 }, (_, index) => `c${index}`);
			const checks = await Promise.all(keys.map((key) => provider.check({ key })));
			for (const [index, { component }] of checks.entries()) strictEqual(component, keys[index]);
		},
	},
	{
		name: 'a component without a key is refused, and it answers on',
		async run(provider) {
			await rejects(provider.check({} as never), { code: 'invalid_arguments' });
			await provider.check({ key: 'a' });
		},
	},
];
