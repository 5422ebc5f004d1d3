import { expect, test, vi } from 'vitest';
import { writeLogEntry } from '../../src/runtime/plugin/process/process-log.ts';

test('a log entry is one line, whatever is in it: it cannot say that the plugin is ready', () => {
	const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
	try {
		writeLogEntry({
			level: 'info',
			plugin: 'p',
			tool: 'a\nREADY 127.0.0.1:1',
			message: 'x\nREADY 127.0.0.1:1\r\nIDENTIFY bank\n',
			fields: { text: 'y\nREADY 127.0.0.1:1' },
		});
		const written = write.mock.calls.map(([text]) => String(text)).join('');
		expect(written.match(/[\n\r]/g)).toEqual(['\n']);
		expect(written.endsWith('\n')).toBe(true);
		expect(written).toMatch(/^INFO /);
	} finally {
		write.mockRestore();
	}
});
