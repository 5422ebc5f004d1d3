import { describe, expect, it } from 'vitest';
import { ExpiringMap } from '../../src/cluster/registry/expiring-map.ts';
import { fencingFault } from '../../src/cluster/registry/fencing.ts';
import { Membership, type MembershipOptions } from '../../src/cluster/registry/membership.ts';
import { Placement } from '../../src/cluster/registry/placement.ts';
import type { CataloguePlugin } from '../../src/cluster/registry/records.ts';
import { encodeRecord } from '../../src/cluster/registry/records.ts';
import { chooseNode } from '../../src/cluster/registry/route-choice.ts';
import { MemoryBucket, MemoryStore } from './memory-bucket.ts';
import { VirtualClock } from './virtual-clock.ts';

const leaseMs = 15_000;

function world() {
	const clock = new VirtualClock();
	const nodes = new MemoryStore(clock, leaseMs);
	const plugins = new MemoryStore(clock);
	const leases = new MemoryStore(clock, leaseMs);
	const member = (node: string, more: Partial<MembershipOptions> = {}) => {
		const own = { nodes: new MemoryBucket(nodes), plugins: new MemoryBucket(plugins) };
		const problems: string[] = [];
		const views: string[] = [];
		const membership = new Membership({
			node,
			instance: `${node}-1`,
			leaseMs,
			clock,
			...own,
			facts: () => ({ software: 'test', addresses: [`tcp://${node}:1`], fingerprint: 'ab' }),
			ping: async () => 'unknown',
			onView: (name) => views.push(name),
			onProblem: ({ code }) => problems.push(code),
			...more,
		});
		return { membership, problems, views, ...own };
	};
	const placed = (node: string, plugin = 'billing', replicas = 1, fails = () => false) => {
		const bucket = new MemoryBucket(leases);
		const told: string[] = [];
		const placement = new Placement({
			holder: { node, instance: `${node}-1` },
			leases: bucket,
			leaseMs,
			clock,
			random: () => 0,
			onProblem: ({ code }) => told.push(code),
			onChange: () => {},
		});
		placement.add({
			plugin,
			replicas,
			start: async (token) => {
				if (fails()) throw new Error('it does not start');
				told.push(`start ${token}`);
			},
			stop: async () => told.push('stop'),
		});
		return { placement, bucket, told };
	};
	return { clock, nodes, plugins, leases, member, placed };
}

const weather: CataloguePlugin = {
	id: 'weather',
	version: '1.2.0',
	state: 'running',
	tools: ['forecast'],
	prompts: [],
	storage: [],
	providers: [],
};

const names = (membership: Membership) => membership.nodes.map(({ record }) => record.node);

describe('what ends with its lease', () => {
	it('stays while nobody can be heard, and has one lease to be heard of behind that', async () => {
		const clock = new VirtualClock();
		const expired: string[] = [];
		const map = new ExpiringMap<number>(clock, leaseMs, (key) => expired.push(key));
		map.hear('alpha', 1);
		await clock.pass(leaseMs - 1);
		map.freeze();
		await clock.pass(5 * leaseMs);
		expect([map.get('alpha'), expired]).toEqual([1, []]);
		map.thaw();
		await clock.pass(leaseMs - 1);
		expect([map.get('alpha'), expired]).toEqual([1, []]);
		await clock.pass(1);
		expect([map.get('alpha'), expired]).toEqual([undefined, ['alpha']]);
	});
});

describe('the membership of a node', () => {
	it('what a former start of another ran is not what that one runs', async () => {
		const { member, plugins } = world();
		const alpha = member('alpha');
		await alpha.membership.join();
		plugins.put('beta', encodeRecord({ instance: 'beta-0', catalogue: 1, plugins: [weather] }), 0);
		const beta = member('beta', { plugins: new MemoryBucket(new MemoryStore(new VirtualClock())) });
		await beta.membership.join();
		expect(alpha.membership.node('beta')).toMatchObject({ plugins: [] });
	});

	it('sees the others, and what they run', async () => {
		const { member } = world();
		const [alpha, beta] = [member('alpha'), member('beta')];
		await alpha.membership.join();
		await beta.membership.offer([weather]);
		await beta.membership.join();
		expect(names(alpha.membership)).toEqual(['alpha', 'beta']);
		expect(alpha.membership.node('beta')?.plugins).toEqual([weather]);
		await beta.membership.offer([]);
		expect(alpha.membership.node('beta')?.plugins).toEqual([]);
	});

	it('stays for as long as it renews, and changes nobody’s view by that', async () => {
		const { member, clock } = world();
		const [alpha, beta] = [member('alpha'), member('beta')];
		await alpha.membership.join();
		await beta.membership.join();
		const before = alpha.views.length;
		await clock.pass(10 * leaseMs);
		expect(names(alpha.membership)).toEqual(['alpha', 'beta']);
		expect(alpha.views).toHaveLength(before);
	});

	it('a node that says nothing more is gone after one lease; one that leaves, at once', async () => {
		const { member, clock } = world();
		const [alpha, beta, gamma] = [member('alpha'), member('beta'), member('gamma')];
		for (const { membership } of [alpha, beta, gamma]) await membership.join();
		beta.nodes.cut = true;
		await gamma.membership.leave();
		expect(names(alpha.membership)).toEqual(['alpha', 'beta']);
		await clock.pass(leaseMs - 1);
		expect(names(alpha.membership)).toEqual(['alpha', 'beta']);
		await clock.pass(1);
		expect(names(alpha.membership)).toEqual(['alpha']);
		expect(beta.problems).toContain('cluster_unavailable');
	});

	it('a node that is cut off keeps what it knows, and is back when the way is', async () => {
		const { member, clock } = world();
		const [alpha, beta] = [member('alpha'), member('beta')];
		await alpha.membership.join();
		await beta.membership.join();
		alpha.nodes.cut = true;
		alpha.membership.cut();
		await clock.pass(5 * leaseMs);
		expect(names(alpha.membership)).toEqual(['alpha', 'beta']);
		expect(names(beta.membership)).toEqual(['beta']);
		alpha.nodes.cut = false;
		alpha.membership.restored();
		await clock.settle();
		expect(names(beta.membership)).toEqual(['alpha', 'beta']);
	});

	it('two of one name: the second is refused, a dead one is replaced, a silent one is waited for', async () => {
		const { member, clock } = world();
		const first = member('alpha');
		await first.membership.join();
		const second = member('alpha', { instance: 'alpha-2', ping: async () => 'alive' });
		await expect(second.membership.join()).rejects.toMatchObject({ code: 'node_conflict' });

		first.nodes.cut = true;
		const third = member('alpha', { instance: 'alpha-3', ping: async () => 'gone' });
		await third.membership.join();
		first.nodes.cut = false;
		await clock.pass(leaseMs);
		expect(first.problems).toContain('node_conflict');
		expect(first.membership.state).toBe('joining');

		third.nodes.cut = true;
		const fourth = member('alpha', { instance: 'alpha-4' });
		const joined = fourth.membership.join();
		await clock.pass(2 * leaseMs);
		await joined;
		expect(fourth.membership.node('alpha')?.record.instance).toBe('alpha-4');
	});

	it('an answer that is lost costs nothing: the record is its own', async () => {
		const { member, clock } = world();
		const alpha = member('alpha');
		await alpha.membership.join();
		alpha.nodes.losesAnswer = true;
		await clock.pass(3 * leaseMs);
		expect(alpha.membership.state).toBe('up');
		expect(alpha.problems).toEqual(['cluster_unavailable']);
		expect(names(alpha.membership)).toEqual(['alpha']);
	});

	it('records of others that cannot be read, or of another version, are left out and said once', async () => {
		const { member, nodes } = world();
		const alpha = member('alpha');
		await alpha.membership.join();
		nodes.put('beta', new TextEncoder().encode('{"node":"other"}'), 0);
		nodes.put('beta', new TextEncoder().encode('['), nodes.get('beta')?.revision ?? 0);
		const record = { ...alpha.membership.node('alpha')?.record, node: 'gamma', protocol: 2 };
		nodes.put('gamma', encodeRecord(record as never), 0);
		expect(names(alpha.membership)).toEqual(['alpha', 'gamma']);
		expect(alpha.membership.node('gamma')?.compatible).toBe(false);
		expect(alpha.problems).toEqual(['cluster_mismatch', 'cluster_mismatch']);
	});
});

describe('the placement of plugins', () => {
	it('one node runs a singleton; when it is lost another does, with a greater token', async () => {
		const { clock, placed } = world();
		const [alpha, beta] = [placed('alpha'), placed('beta')];
		await alpha.placement.begin();
		await clock.pass(1000);
		await beta.placement.begin();
		await clock.pass(5 * leaseMs);
		const token = alpha.placement.token('billing');
		expect(token).toBeGreaterThan(0);
		expect(alpha.told).toEqual([`start ${token}`]);
		expect(beta.told).toEqual([]);
		alpha.bucket.cut = true;
		let stoppedAt: number | undefined;
		for (let ms = 0; ms < 3 * leaseMs && beta.placement.token('billing') === undefined; ms += 100) {
			await clock.pass(100);
			if (alpha.told.includes('stop')) stoppedAt ??= clock.now();
		}
		expect(stoppedAt).toBeLessThan(clock.now());
		expect(alpha.placement.token('billing')).toBeUndefined();
		expect(beta.placement.token('billing')).toBeGreaterThan(token ?? 0);
	});

	it('a lease that is lost during a slow start: what has started behind that is stopped, too', async () => {
		const { clock, placed } = world();
		const alpha = placed('alpha', 'other');
		let runs = 0;
		alpha.placement.add({
			plugin: 'slow',
			replicas: 1,
			start: () => new Promise<void>((resolve) => clock.after(2 * leaseMs, resolve)).then(() => void runs++),
			stop: async () => {
				runs = 0;
			},
		});
		await alpha.placement.begin();
		await clock.pass(leaseMs);
		expect(alpha.placement.token('slow')).toBeGreaterThan(0);
		alpha.bucket.cut = true;
		await clock.pass(3 * leaseMs);
		expect(alpha.placement.token('slow')).toBeUndefined();
		expect(runs).toBe(0);
		alpha.bucket.cut = false;
		await clock.pass(5 * leaseMs);
		expect(alpha.placement.token('slow')).toBeGreaterThan(0);
		expect(runs).toBe(1);
	});

	it('as many nodes as replicas run it; one that leaves makes room at once', async () => {
		const { clock, placed } = world();
		const all = ['alpha', 'beta', 'gamma'].map((node) => placed(node, 'search', 2));
		for (const { placement } of all) await placement.begin();
		await clock.pass(2 * leaseMs);
		const running = all.filter(({ placement }) => placement.token('search') !== undefined);
		expect(running).toHaveLength(2);
		await running[0]?.placement.end('drained');
		await clock.pass(1000);
		expect(all.filter(({ placement }) => placement.token('search') !== undefined)).toHaveLength(2);
		expect(running[0]?.told.at(-1)).toBe('stop');
	});

	it('where it does not start another node has its turn', async () => {
		const { clock, placed } = world();
		const [alpha, beta] = [placed('alpha', 'billing', 1, () => true), placed('beta')];
		await alpha.placement.begin();
		await clock.pass(1000);
		await beta.placement.begin();
		await clock.pass(leaseMs);
		expect(alpha.told).toEqual(['start_failed']);
		expect(beta.placement.token('billing')).toBeGreaterThan(0);
		// Nor is it tried over and over where there is no other.
		await beta.placement.end('the node leaves');
		await clock.pass(5 * leaseMs);
		expect(alpha.told).toEqual(['start_failed']);
		await clock.pass(5 * leaseMs);
		expect(alpha.told.length).toBeGreaterThan(1);
	});

	it('a process that stood still holds nothing, whenever its timers come', async () => {
		const { clock, placed } = world();
		const alpha = placed('alpha');
		await alpha.placement.begin();
		await clock.pass(1000);
		const now = clock.now.bind(clock);
		clock.now = () => now() + leaseMs;
		expect(alpha.placement.token('billing')).toBeUndefined();
	});
});

describe('a call', () => {
	it('takes the node with the fewest under way, in turn, and draining ones last', () => {
		const nodes = [
			{ node: 'alpha', draining: false, underWay: 1 },
			{ node: 'beta', draining: false, underWay: 0 },
			{ node: 'gamma', draining: false, underWay: 0 },
			{ node: 'delta', draining: true, underWay: 0 },
		];
		expect([0, 1, 2].map((turn) => chooseNode(nodes, turn)?.node)).toEqual(['beta', 'gamma', 'beta']);
		expect(chooseNode(nodes.slice(3), 7)?.node).toBe('delta');
		expect(chooseNode([], 1)).toBeUndefined();
	});

	it('of a singleton is refused where its token is not that of the holder', () => {
		const call = { plugin: 'billing', node: 'alpha' };
		expect(fencingFault({ ...call, held: 7, sent: 7 })).toBeUndefined();
		expect(fencingFault({ ...call, held: 7, sent: undefined })).toBeUndefined();
		for (const [held, sent] of [
			[undefined, 7],
			[7, 6],
			[7, 8],
			[undefined, undefined],
		] as const) {
			expect(fencingFault({ ...call, held, sent })).toMatchObject({ code: 'lease_lost', retryable: true });
		}
	});
});
