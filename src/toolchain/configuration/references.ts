import { quoted } from './key-path.ts';
import { readTextFile, UnusableFile } from './read-text-file.ts';
import { resolvePath } from './resolve-path.ts';
import { Secret } from './secret.ts';

/** Bytes of a file that a `${file:PATH}` may name. */
const maxSecretBytes = 64 * 1024;

const advice = `write \${env:NAME} or \${file:PATH}, or $\${ for a plain \${`;

/** Context in which references are looked up. */
export interface ReferenceContext {
	/** Folder from which relative paths start. */
	readonly folder: string;
	readonly environment: Readonly<Record<string, string | undefined>>;
}

/**
 * Replaces `${env:NAME}` and `${file:PATH}` in a text; `$${` is a plain `${`. A text with a reference in it becomes a secret as a whole.
 *
 * @param fault called with each thing that is wrong: the result is of no use then
 */
export function resolveReferences(
	text: string,
	context: ReferenceContext,
	fault: (text: string) => void,
): string | Secret {
	let secret = false;
	const replaced = text.replace(
		/\$\$\{|\$\{([^}]*)(\}?)/g,
		(whole, inner: string | undefined, end: string) => {
			if (whole === '$${') return '${';
			const [, kind, name] = /^(env|file):(.+)$/s.exec(inner ?? '') ?? [];
			if (end === '' || !kind || !name) {
				// The text there is not quoted: it may be a part of a password.
				fault(
					end === ''
						? `a reference has no end: ${advice}`
						: `there is a \${…} that is no reference: ${advice}`,
				);
				return '';
			}
			secret = true;
			return kind === 'env' ? fromEnvironment(name, context, fault) : fromFile(name, context, fault);
		},
	);
	return secret ? new Secret(replaced) : replaced;
}

function fromEnvironment(name: string, context: ReferenceContext, fault: (text: string) => void): string {
	const value = context.environment[name];
	if (value === undefined) fault(`the environment variable ${quoted(name)} is not set`);
	return value ?? '';
}

/** A file's text without the line end that editors put at its end. */
function fromFile(path: string, context: ReferenceContext, fault: (text: string) => void): string {
	const resolved = resolvePath(path, context.folder);
	try {
		const text = readTextFile(resolved, maxSecretBytes).replace(/\r?\n$/, '');
		if (text.includes('\0')) fault(`the file ${quoted(resolved)} holds a NUL character`);
		return text;
	} catch (error) {
		if (!(error instanceof UnusableFile)) throw error;
		fault(`the file ${quoted(resolved)} ${error.message}`);
		return '';
	}
}
