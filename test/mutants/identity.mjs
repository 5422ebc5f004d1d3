const onDisk = ['identity/on-disk.test.ts', 'identity/certs-dir.test.ts'];
const privately = ['identity/private-directory.test.ts', 'identity/certs-dir.test.ts'];
const imported = ['commands/certs-lifecycle.test.ts'];

/** @type {import('../../scripts/run-mutants.mjs').Mutant[]} */
export default [
	{
		breaks: 'a directory that its group can write to is refused',
		file: 'runtime/identity/directory/certs-directory.ts',
		from: 'if ((found.mode & 0o022) !== 0) {',
		to: 'if ((found.mode & 0o002) !== 0) {',
		tests: privately,
	},
	{
		breaks: 'a directory of another user is refused',
		file: 'runtime/identity/directory/certs-directory.ts',
		from: 'return uid !== 0 && uid !== ownUser();',
		to: 'return uid < 0 && uid !== ownUser();',
		tests: privately,
	},
	{
		breaks: 'a reader never finds a file absent while it is replaced',
		file: 'runtime/identity/directory/pem-file.ts',
		from: '\t\tawait rename(temporary, path);\n\t} finally {',
		to: '\t\tawait unlinkIfThere(path);\n\t\tawait rename(temporary, path);\n\t} finally {',
		tests: onDisk,
	},
	{
		breaks: 'a file is on the disk before it gets its name',
		file: 'runtime/identity/directory/pem-file.ts',
		from: '\t\tawait file.sync();\n',
		to: '',
		tests: ['identity/pem-file.test.ts'],
	},
	{
		breaks: 'a new name survives a power cut',
		file: 'runtime/identity/directory/pem-file.ts',
		from: '\t\tawait directory.sync();\n',
		to: '',
		tests: ['identity/pem-file.test.ts'],
	},
	{
		breaks: 'a pipe in place of a key is an error at once',
		file: 'runtime/identity/directory/pem-file.ts',
		from: 'constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)',
		to: 'constants.O_RDONLY',
		tests: onDisk,
	},
	{
		breaks: 'a file that is too large is not read',
		file: 'runtime/identity/directory/pem-file.ts',
		from: 'if (found.size > maxBytes) throw',
		to: 'if (found.size > maxBytes * 1024) throw',
		tests: ['identity/pem-file.test.ts'],
	},
	{
		breaks: 'a key that others can read is refused',
		file: 'runtime/identity/directory/pem-file.ts',
		from: '(found.mode & 0o077) !== 0',
		to: '(found.mode & 0o007) !== 0',
		tests: ['identity/pem-file.test.ts'],
	},
	{
		breaks: 'half a temporary file is removed',
		file: 'runtime/identity/directory/pem-file.ts',
		from: '\t\t// Half of it, as where the disk is full.\n\t\tawait unlinkIfThere(temporary);\n',
		to: '',
		tests: ['commands/full-disk.test.ts', ...onDisk],
	},
	{
		breaks: 'a bundle whose key is another leaves what is there untouched',
		file: 'runtime/identity/upkeep/import-identity.ts',
		from: 'if (!leaf.checkPrivateKey(parsePrivateKey(privateKeyPem, file))) {',
		to: 'if (parsePrivateKey(privateKeyPem, file) === undefined) {',
		tests: [...onDisk, ...imported],
	},
	{
		breaks: 'a crash in the middle of a rotation keeps the word of the former authority',
		file: 'runtime/identity/upkeep/rotate-authority.ts',
		from: "\t\tawait writeRotation(dir, rotation);\n\t\tawait replacePemFile(join(dir, 'ca.crt'), trusted.join(''));\n",
		to: "\t\tawait replacePemFile(join(dir, 'ca.crt'), trusted.join(''));\n\t\tawait writeRotation(dir, rotation);\n",
		tests: ['identity/rotation.test.ts'],
	},
	{
		breaks: 'a key of a rotation that was interrupted is found',
		file: 'runtime/identity/upkeep/rotate-authority.ts',
		from: '\t\tawait writeNextKey(dir, next.privateKeyPem);\n\t\tawait writeRotation(dir, rotation);\n',
		to: '\t\tawait writeRotation(dir, rotation);\n\t\tawait writeNextKey(dir, next.privateKeyPem);\n',
		tests: ['identity/rotation.test.ts'],
		harmless:
			'a rotation that is written without its next key names an authority that is still the first one: it is as if none had begun',
	},
	{
		breaks: 'a hint quotes a path with blanks',
		file: 'runtime/platform/shell-word.ts',
		from: '/^[\\w@%+=:,./-]+$/',
		to: '/^[\\w@%+=:,./ -]+$/',
		tests: ['platform/shell-word.test.ts'],
	},
	{
		breaks: 'the hint that takes a revocation back quotes its path',
		file: 'runtime/identity/directory/leaf.ts',
		from: 'orchestra certs ${command} --certs-dir ${shellWord(dir)}.',
		to: 'orchestra certs ${command} --certs-dir ${dir}.',
		tests: ['identity/on-disk.test.ts'],
	},
];
