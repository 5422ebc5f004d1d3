import { type ChildProcess, spawn } from 'node:child_process';
import type { Socket } from 'node:net';
import { hostMark } from './launch-mark.ts';

/**
 * Reads `+<group>` and `-<group>` lines. When the pipe ends, the host is gone, however it went: what is still on the list is
 * asked to end, given two seconds, and killed. SIGCONT lets a stopped process see the SIGTERM. A group that has gone meanwhile is
 * passed over (`kill -s 0`). Then come those that left their group, by the mark of the host in their environment (Linux). POSIX shell,
 * except for fractions of a second, which have a fallback.
 */
const script = `
trap '' HUP INT QUIT TERM
mark=$1
shift
groups=" $* "
strays() {
	grep -ls -- "ORCHESTRA_LAUNCH=[^=]*$mark" /proc/[0-9]*/environ 2>/dev/null | while read -r file; do
		pid=\${file#/proc/}
		kill -s "$1" -- "\${pid%/environ}"
	done
}
while read -r line; do
	group=\${line#?}
	case $line in
	+*) groups="$groups$group " ;;
	-*) case $groups in *" $group "*) groups="\${groups%%" $group "*} \${groups#*" $group "}" ;; esac ;;
	esac
done
[ "\${groups# }" ] || exit 0
for group in $groups; do kill -s TERM -- "-$group"; kill -s CONT -- "-$group"; done
strays TERM
tries=20
while [ $tries -gt 0 ]; do
	left=
	for group in $groups; do kill -s 0 -- "-$group" && left=yes; done
	[ "$left" ] || break
	sleep 0.1 || { sleep 1; tries=$((tries - 9)); }
	tries=$((tries - 1))
done
for group in $groups; do kill -s KILL -- "-$group"; done
strays KILL
`;

/** Number of times that a guard that somebody killed is started again. */
const maxRestarts = 3;

/**
 * Ends the plugins of a host that died without stopping them, by SIGKILL too, in whatever language they are written: one small
 * shell process for the whole host, in a session of its own so that no signal from a terminal reaches it, holding one end of a pipe.
 * It runs while there is something to guard. There is none on Windows: plugins there rely on the end of their stdin.
 */
class ProcessGuard {
	readonly #groups = new Set<number>();
	#shell: ChildProcess | undefined;
	#restarts = 0;

	/** Guards a process group until the returned function is called, which has to be as soon as the group is gone. */
	watch(group: number): () => void {
		if (process.platform === 'win32') return () => {};
		this.#groups.add(group);
		if (this.#shell) this.#send(`+${group}\n`);
		else this.#start();
		return () => {
			if (!this.#groups.delete(group)) return;
			this.#send(`-${group}\n`);
			if (this.#groups.size > 0) return;
			this.#shell?.stdin?.end();
			this.#shell = undefined;
		};
	}

	#start(): void {
		// The processes to guard are told in the arguments: a host that dies right now may never get to write them.
		const shell = spawn(
			'/bin/sh',
			['-c', script, 'orchestra-guard', hostMark, ...[...this.#groups].map(String)],
			{
				cwd: '/',
				detached: true,
				env: { PATH: '/usr/bin:/bin' },
				stdio: ['pipe', 'ignore', 'ignore'],
			},
		);
		this.#shell = shell;
		const lost = () => {
			if (this.#shell !== shell) return;
			this.#shell = undefined;
			if (this.#groups.size === 0) return;
			if (this.#restarts++ < maxRestarts) this.#start();
			else process.emitWarning('Plugins are no longer guarded: they may outlive a host that is killed.');
		};
		shell.on('error', lost);
		shell.on('exit', lost);
		// A write to a guard that was killed: 'exit' follows and starts another.
		shell.stdin?.on('error', () => {});
		// It must not keep the host alive.
		shell.unref();
		(shell.stdin as Socket | null)?.unref?.();
	}

	#send(line: string): void {
		this.#shell?.stdin?.write(line);
	}
}

/** The one guard of this host. */
export const processGuard: Pick<ProcessGuard, 'watch'> = new ProcessGuard();
