import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { promisify } from 'node:util';

/**
 * The process group in the foreground of the terminal that a process leads: what Ctrl-C would reach. The leader's own group where
 * nobody can say.
 */
export async function foregroundGroup(leader: number): Promise<number> {
	try {
		const group = process.platform === 'linux' ? await fromProc(leader) : await fromPs(leader);
		// -1 where it has no terminal any more. A number below 2 would reach everybody.
		return group > 1 ? group : leader;
	} catch {
		return leader;
	}
}

async function fromProc(leader: number): Promise<number> {
	const stat = await readFile(`/proc/${leader}/stat`, 'utf8');
	// The name in parentheses may hold anything, also parentheses; state, parent, group, session, terminal and tpgid follow.
	return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[5]);
}

async function fromPs(leader: number): Promise<number> {
	const { stdout } = await promisify(execFile)('ps', ['-o', 'tpgid=', '-p', String(leader)], {
		timeout: 2_000,
	});
	return Number(stdout.trim());
}
