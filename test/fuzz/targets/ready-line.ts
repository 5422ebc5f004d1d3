import { LineSplitter } from '../../../src/runtime/launching/line-splitter.ts';
import { parseReadyLine } from '../../../src/runtime/launching/ready-line.ts';
import { allow } from '../allowed-error.ts';
import { expect, type FuzzTarget } from '../fuzz-target.ts';

const maxLineBytes = 64;

/** What a process prints: the first byte tells in which pieces it comes. */
export function readyLineTarget(): FuzzTarget {
	const texts = (list: readonly string[]) => list.map((text) => Buffer.from(text));
	return {
		seeds: texts([
			'\x03READY 127.0.0.1:50100\n',
			'\x00starting\nREADY tcp://[::1]:9\r\nmore\n',
			'\x01READY\n',
			'\x7fREADY nowhere\n',
			`\x05${'x'.repeat(200)}\nREADY localhost:1 \t\n`,
			'\x02READY 1.2.3.4:99999',
		]),
		dictionary: texts([
			'READY ',
			'\n',
			'\r\n',
			'\r',
			'READY 127.0.0.1:1\n',
			'\xff',
			'\u{1f3bb}',
			'\t',
			'tcp://',
			'\0',
		]),
		maxBytes: 1000,
		run(input) {
			const output = input.subarray(1);
			const size = (input[0] ?? 0) % 128 || output.length;
			const read = (pieceBytes: number): string[] => {
				const lines: string[] = [];
				const splitter = new LineSplitter((line) => lines.push(line), maxLineBytes);
				for (let at = 0; at < output.length; at += pieceBytes) {
					splitter.push(output.subarray(at, at + pieceBytes));
				}
				splitter.end();
				return lines;
			};
			const lines = read(size || 1);
			expect(
				lines.join('\n') === read(output.length || 1).join('\n'),
				'lines are the same however they come',
			);
			for (const line of lines) {
				try {
					const address = parseReadyLine(line);
					expect(!address || line.startsWith('READY'), 'only a READY line is one');
				} catch (error) {
					allow(error, ['invalid_address']);
				}
			}
		},
	};
}
