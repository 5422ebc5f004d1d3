import { access, open } from 'node:fs/promises';

/** Values of e_machine in an ELF header, by the name that process.arch uses. */
const elfMachines: Record<number, string> = {
	3: 'ia32',
	21: 'ppc64',
	22: 's390x',
	40: 'arm',
	62: 'x64',
	183: 'arm64',
	243: 'riscv64',
	258: 'loong64',
};

/** One sentence on why this machine may not be able to run a file; undefined where its first bytes tell nothing. */
export async function explainExecutable(file: string): Promise<string | undefined> {
	const head = await readHead(file);
	if (!head) return undefined;
	if (head.subarray(0, 4).equals(Buffer.from('\x7fELF', 'latin1'))) {
		if (process.platform !== 'linux' && process.platform !== 'freebsd') return 'It is a Linux (ELF) program.';
		const number = head[5] === 2 ? head.readUInt16BE(18) : head.readUInt16LE(18);
		const machine = elfMachines[number] ?? `machine ${number}`;
		return machine === process.arch
			? undefined
			: `It is a program for ${machine}, and this machine is ${process.arch}.`;
	}
	const magic = head.readUInt32LE(0);
	if ((magic === 0xfeedfacf || magic === 0xbebafeca) && process.platform !== 'darwin') {
		return 'It is a macOS program.';
	}
	if (head.subarray(0, 2).toString('latin1') === 'MZ' && process.platform !== 'win32') {
		return 'It is a Windows program.';
	}
	const interpreter = /^#!\s*(\S+)/.exec(head.toString('utf8'))?.[1];
	if (interpreter) {
		const found = await access(interpreter).then(
			() => true,
			() => false,
		);
		return found ? undefined : `Its first line names the interpreter ${interpreter}, which does not exist.`;
	}
	return undefined;
}

/** The first bytes of a file, at least 20; undefined where there are not as many, or it cannot be read. */
async function readHead(file: string): Promise<Buffer | undefined> {
	const handle = await open(file, 'r').catch(() => undefined);
	if (!handle) return undefined;
	try {
		const { bytesRead, buffer } = await handle.read(Buffer.alloc(256), 0, 256, 0);
		return bytesRead >= 20 ? buffer.subarray(0, bytesRead) : undefined;
	} catch {
		return undefined;
	} finally {
		await handle.close();
	}
}
