import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { OrchestraError } from '../../wire/orchestra-error.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import type { SeamClient } from '../seam-method.ts';
import type { storeSeam } from './store-seam.ts';

/** Client of a store, for a host. */
export type StoreClient = SeamClient<(typeof storeSeam)['methods']>;

async function fails(code: string, mentions: string, call: Promise<unknown>): Promise<void> {
	const error = await call.then(
		() => undefined,
		(thrown: unknown) => thrown,
	);
	ok(error instanceof OrchestraError, `it has to fail with ${code}, and came to ${String(error)}`);
	strictEqual(error.code, code);
	ok(error.message.includes(mentions), `the message has to name ${mentions}: ${error.message}`);
}

/** Behaviour of every implementation of {@link storeSeam}, wherever it runs. */
export const storeSuite: readonly ConformanceCase<StoreClient>[] = [
	{
		name: 'C5 what is not there is not_found, what is there is a conflict, and both name it',
		async run(store) {
			await fails('not_found', 'missing', store.getFlag({ key: 'missing' }));
			await fails('not_found', 'missing', store.updateFlag({ key: 'missing', enabled: true }));
			await fails('not_found', 'missing', store.deleteFlag({ key: 'missing' }));
			await fails('not_found', 'missing', store.getComponent({ key: 'missing' }));
			await fails('not_found', 'missing', store.updateComponent({ key: 'missing' }));
			await fails('not_found', 'missing', store.deleteComponent({ key: 'missing' }));
			await fails('not_found', 'missing', store.latestCheck({ component: 'missing' }));
			await store.createFlag({ key: 'twice', enabled: true });
			await fails('conflict', 'twice', store.createFlag({ key: 'twice', enabled: false }));
			await store.createComponent({ key: 'twice' });
			await fails('conflict', 'twice', store.createComponent({ key: 'twice' }));
		},
	},
	{
		name: 'C15 lists are ordered by key',
		async run(store) {
			for (const key of ['b', 'c', 'a']) {
				await store.createFlag({ key, enabled: true });
				await store.createComponent({ key });
			}
			const { flags } = await store.listFlags();
			deepStrictEqual(
				flags.map(({ key }) => key),
				['a', 'b', 'c'],
			);
			const { components } = await store.listComponents();
			deepStrictEqual(
				components.map(({ key }) => key),
				['a', 'b', 'c'],
			);
		},
	},
	{
		name: 'C15 an update keeps when it was created, and says when it was updated',
		async run(store) {
			await store.createFlag({ key: 'a', enabled: false, createdAt: 5, updatedAt: 5 });
			await store.updateFlag({ key: 'a', enabled: true, createdAt: 7, updatedAt: 7 });
			const { enabled, createdAt, updatedAt } = await store.getFlag({ key: 'a' });
			deepStrictEqual([enabled, createdAt], [true, 5]);
			ok(updatedAt !== undefined && updatedAt > 7, 'updatedAt is the time of the update');
		},
	},
	{
		name: 'C15 times that are absent are filled in',
		async run(store) {
			await store.createComponent({ key: 'a', config: { url: 'http://localhost' } });
			const { createdAt, config } = await store.getComponent({ key: 'a' });
			ok(createdAt !== undefined && createdAt > 0);
			deepStrictEqual(config, { url: 'http://localhost' });
			await store.recordCheck({ component: 'a', state: 'down', message: 'no answer' });
			ok(((await store.latestCheck({ component: 'a' })).checkedAt ?? 0) > 0);
		},
	},
	{
		name: 'W8 the epoch is a time, and numbers keep their size and their fractions',
		async run(store) {
			const variants = [{ key: 'v', value: 'x', weight: 5_000_000_000 }];
			await store.createFlag({ key: 'a', enabled: true, rollout: 12.5, variants, createdAt: 0 });
			const flag = await store.getFlag({ key: 'a' });
			deepStrictEqual([flag.createdAt, flag.rollout, flag.variants], [0, 12.5, variants]);
			await store.createComponent({ key: 'a' });
			await store.recordCheck({ component: 'a', state: 'operational', checkedAt: 0 });
			strictEqual((await store.latestCheck({ component: 'a' })).checkedAt, 0);
		},
	},
	{
		name: 'C15 the latest check of each component, ordered; of two at one time the later recorded',
		async run(store) {
			for (const key of ['b', 'a']) await store.createComponent({ key });
			await store.recordCheck({ component: 'b', state: 'down', checkedAt: 20 });
			await store.recordCheck({ component: 'b', state: 'operational', checkedAt: 10 });
			await store.recordCheck({ component: 'a', state: 'down', checkedAt: 30 });
			await store.recordCheck({ component: 'a', state: 'degraded', checkedAt: 30 });
			const { checks } = await store.latestChecks();
			deepStrictEqual(
				checks.map(({ component, state }) => [component, state]),
				[
					['a', 'degraded'],
					['b', 'down'],
				],
			);
		},
	},
	{
		name: 'C15 deleting a component deletes its checks',
		async run(store) {
			await store.createComponent({ key: 'a' });
			await store.recordCheck({ component: 'a', state: 'down' });
			await store.deleteComponent({ key: 'a' });
			await fails('not_found', 'a', store.latestCheck({ component: 'a' }));
			deepStrictEqual((await store.latestChecks()).checks, []);
		},
	},
	{
		name: 'of many that create one key at once exactly one wins',
		async run(store) {
			const made = await Promise.allSettled(
				Array.from({ length: 10 }, () => store.createFlag({ key: 'a', enabled: true })),
			);
			strictEqual(made.filter(({ status }) => status === 'fulfilled').length, 1);
		},
	},
	{
		name: 'arguments that do not fit are refused, and the store answers on',
		async run(store) {
			await fails(
				'invalid_arguments',
				'rollout',
				store.createFlag({ key: 'a', enabled: true, rollout: 101 }),
			);
			await fails('invalid_arguments', 'key', store.getFlag({} as { key: string }));
			await store.ping();
		},
	},
];
