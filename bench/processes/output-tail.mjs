/** Characters of a process's output that are kept for messages. */
const kept = 2_000;

/** The last of what a process prints, read for ever so that it never blocks. */
export class OutputTail {
	text = '';

	/** @param {NodeJS.ReadableStream} stream */
	constructor(stream) {
		stream.setEncoding('utf8');
		stream.on('data', (/** @type {string} */ text) => {
			this.text = (this.text + text).slice(-kept);
		});
	}

	/** As the second half of a sentence. */
	toString() {
		return this.text.trim() === '' ? '' : `: ${this.text.trim()}`;
	}
}
