import { createPlugin, ExecError } from 'orchestra-toolchain';

/** The machines that a shell can be opened on, and the folder of each: only names that are here are taken. */
const machines = new Map([
	['here', process.cwd()],
	['root', '/'],
]);

export default createPlugin('__ID__')
	.version('0.1.0')
	.description('Gives shells on a few machines, and a console that answers by itself.')
	.registerExec(
		{
			resource: 'shell',
			description: 'A shell on a machine.',
			defaultCommand: ['sh'],
			// A program on the terminal: its output, its size, its signals and its exit code are passed on.
			tty: ({ command, resourceKey }, terminal) => terminal.run({ command, cwd: folderOf(resourceKey) }),
			// The same without a terminal: stdin, stdout and stderr are pipes.
			session: ({ command, resourceKey }, terminal) => terminal.run({ command, cwd: folderOf(resourceKey) }),
		},
		{
			resource: 'console',
			description: 'Answers lines that are typed, without a program.',
			session(_options, terminal, ctx) {
				// It begins here and goes on in the background: who opened it does not wait.
				void (async () => {
					for await (const typed of terminal.input) {
						for (const line of Buffer.from(typed).toString('utf8').split('\n').filter(Boolean)) {
							await terminal.print(`${line.toUpperCase()}\n`);
						}
					}
					ctx.stop();
				})().catch(ctx.stop);
			},
		},
	)
	.build();

/** The folder of a machine; the first where none is named. */
function folderOf(name: string): string {
	const [first = ''] = machines.keys();
	const folder = machines.get(name || first);
	if (folder !== undefined) return folder;
	throw new ExecError('No such machine', {
		message: `${name} is not known here`,
		suggestion: `There are ${[...machines.keys()].join(', ')}.`,
		retryCommands: [`orchestra exec . shell --key ${first}`],
	});
}
