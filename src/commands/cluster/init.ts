import { resolve } from 'node:path';
import { Args, Flags } from '@oclif/core';
import { BaseCommand } from '../../cli/base-command.ts';
import { OrchestraError } from '../../runtime/wire/orchestra-error.ts';

export default class ClusterInit extends BaseCommand {
	static override summary =
		'Write what a cluster needs to begin: a NATS server and nodes, with certificates.';
	static override description =
		'Makes a folder for the NATS server and one for each node, each to be carried to its machine, and the authority that has issued their ' +
		'certificates, which stays here. Without hosts all of it runs on this machine.';
	static override examples = [
		'<%= config.bin %> cluster init trio',
		'<%= config.bin %> cluster init prod --nodes alpha=10.0.0.1,beta=10.0.0.2 --nats nats-1:4222',
	];
	static override args = {
		folder: Args.string({ description: 'Where to; it must not be there yet.', required: true }),
	};
	static override flags = {
		nodes: Flags.string({
			description: 'Names of the nodes, each with its host where that is another machine.',
			default: 'alpha,beta,gamma',
			helpValue: 'NAME[=HOST],…',
		}),
		nats: Flags.string({
			description: 'Where NATS listens.',
			default: '127.0.0.1:4222',
			helpValue: 'HOST:PORT',
		}),
		port: Flags.integer({
			description: 'The port of the nodes; several on one host take those behind it.',
			default: 50_101,
			min: 1,
			max: 65_000,
		}),
		days: Flags.integer({
			description: 'How long the certificates are valid. [default: 30]',
			min: 1,
			max: 36_500,
			helpValue: 'DAYS',
		}),
	};

	async run(): Promise<unknown> {
		const { args, flags } = await this.parse(ClusterInit);
		const { initCluster } = await import('../../cluster/setup/init-cluster.ts');
		const nodes = flags.nodes.split(',').map(readNode);
		const twice = nodes.find(({ node }, index) => nodes.findIndex((other) => other.node === node) !== index);
		if (twice) throw new OrchestraError('usage', `two nodes are named ${twice.node}`);
		const { parseNatsServer } = await import('../../toolchain/configuration/nats-server.ts');
		const server = flags.nats.replace(/^tls:\/\//, '');
		parseNatsServer(`tls://${server}`);
		const colon = server.lastIndexOf(':');
		const result = await initCluster({
			folder: resolve(args.folder),
			nodes,
			nats: { host: server.slice(0, colon), port: Number(server.slice(colon + 1)) },
			port: flags.port,
			days: flags.days,
		});
		return this.result(result, () =>
			[
				`the authority: ${result.authority}`,
				`NATS: cd ${args.folder}/nats && nats-server -c nats.conf`,
				...result.nodes.map(({ node }) => `${node}: cd ${args.folder}/${node} && orchestra serve`),
			].join('\n'),
		);
	}
}

function readNode(word: string): { node: string; host: string } {
	const [node = '', host = '127.0.0.1', ...rest] = word.trim().split('=');
	if (/^[A-Za-z0-9_][A-Za-z0-9._-]{0,63}$/.test(node) && host !== '' && rest.length === 0)
		return { node, host };
	throw new OrchestraError('usage', `${JSON.stringify(word)} is no node`, {
		hint: 'Write NAME or NAME=HOST.',
	});
}
