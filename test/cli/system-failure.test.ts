import { expect, test } from 'vitest';
import { systemFailure } from '../../src/cli/system-failure.ts';
import { OrchestraError } from '../../src/runtime/wire/orchestra-error.ts';

const refused = (code: string) => Object.assign(new Error(code), { code });

test('what the system refused is told, however deep it lies, with what to do', () => {
	const full = new Error('outer', { cause: new Error('inner', { cause: refused('ENOSPC') }) });
	expect(systemFailure(full)).toMatchObject({ code: 'no_space', hint: 'Make room and try again.' });
	expect(systemFailure(refused('EMFILE'))).toMatchObject({
		code: 'too_many_files',
		hint: expect.stringContaining('ulimit'),
	});
	const build = new OrchestraError('build_failed', 'cannot read a.ts: too many open files');
	expect(systemFailure(build)).toMatchObject({ code: 'too_many_files' });
});

test('an error whose cause is itself, and one without such a cause, are none of the system', () => {
	const own: Error = new Error('round');
	own.cause = own;
	expect(systemFailure(own)).toBeUndefined();
	expect(systemFailure(new Error('outer', { cause: 'a text' }))).toBeUndefined();
	expect(systemFailure(undefined)).toBeUndefined();
});
