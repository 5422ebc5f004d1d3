import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { fileURLToPath } from 'node:url';
import { WebSocket } from 'ws';
import { Changes } from './changes.ts';
import { patienceMs } from './patience.ts';

/** A script that the debugged process has read. */
interface Script {
	readonly scriptId: string;
	readonly url: string;
	readonly sourceMapURL?: string;
}

/** Where a program stands still. */
interface Paused {
	readonly hitBreakpoints?: readonly string[];
	readonly callFrames: readonly {
		readonly location: Position;
		readonly functionName: string;
	}[];
}

interface Position {
	readonly scriptId: string;
	readonly lineNumber: number;
	readonly columnNumber: number;
}

/** A debugger as editors have one: it speaks the protocol of V8's inspector, and knows sources by their maps. */
export class DebuggerClient implements AsyncDisposable {
	readonly #socket: WebSocket;
	readonly #answers = new Map<number, (message: { result?: object; error?: object }) => void>();
	readonly #scripts: Script[] = [];
	readonly #pauses: Paused[] = [];
	readonly #changes = new Changes();
	#count = 0;

	private constructor(socket: WebSocket) {
		this.#socket = socket;
		socket.on('message', (data: Buffer) => {
			const message = JSON.parse(String(data));
			if (message.id !== undefined) this.#answers.get(message.id)?.(message);
			else if (message.method === 'Debugger.scriptParsed') this.#scripts.push(message.params);
			else if (message.method === 'Debugger.paused') this.#pauses.push(message.params);
			this.#changes.tell();
		});
	}

	/** @param url what the runtime says: `ws://…` */
	static async attach(url: string): Promise<DebuggerClient> {
		const socket = new WebSocket(url, { handshakeTimeout: patienceMs });
		await new Promise<void>((resolve, reject) => {
			socket.once('open', resolve);
			socket.once('error', reject);
		});
		const client = new DebuggerClient(socket);
		await client.#send('Runtime.enable');
		await client.#send('Debugger.enable');
		return client;
	}

	/**
	 * Sets a breakpoint at a line of an author's source.
	 *
	 * @param source its `file:` URL
	 * @param line counted from 1
	 * @returns its id
	 */
	async breakAt(source: string, line: number): Promise<string> {
		const location = await this.#until(`${source}:${line} in a script`, () => this.#find(source, line));
		const { breakpointId } = (await this.#send('Debugger.setBreakpoint', { location })) as {
			breakpointId: string;
		};
		return breakpointId;
	}

	/** Waits until the program stands still, and says where in the author's source: `plugin.ts:4`. */
	async paused(): Promise<{ readonly at: string; readonly breakpoints: readonly string[] }> {
		const { callFrames, hitBreakpoints = [] } = await this.#until('a stop', () => this.#pauses.shift());
		const [frame] = callFrames;
		const script = this.#scripts.find(({ scriptId }) => scriptId === frame?.location.scriptId);
		const map = script && mapOf(script);
		const { lineNumber = 0, columnNumber = 0 } = frame?.location ?? {};
		const entry = map?.findEntry(lineNumber, columnNumber) as
			| { originalSource: string; originalLine: number }
			| undefined;
		const file = (entry?.originalSource ?? script?.url ?? '').split('/').at(-1);
		return { at: `${file}:${(entry?.originalLine ?? lineNumber) + 1}`, breakpoints: hitBreakpoints };
	}

	async resume(): Promise<void> {
		await this.#send('Debugger.resume');
	}

	async [Symbol.asyncDispose](): Promise<void> {
		this.#socket.terminate();
	}

	#until<T>(what: string, read: () => T | undefined): Promise<T> {
		const isOver = () => this.#socket.readyState > WebSocket.OPEN;
		const known = () =>
			this.#scripts
				.map(({ url }) => url)
				.filter((url) => url.startsWith('file:'))
				.join('\n');
		return this.#changes.until(read, isOver, patienceMs, () => new Error(`never saw ${what}\n${known()}`));
	}

	/** Where a line of a source begins in the script that was made of it. */
	#find(source: string, line: number): Position | undefined {
		// The last one that was read is the one that runs.
		for (const script of this.#scripts.toReversed()) {
			const map = mapOf(script);
			if (!map) {
				if (script.url === source)
					return { scriptId: script.scriptId, lineNumber: line - 1, columnNumber: 0 };
				continue;
			}
			if (!map.payload.sources.includes(source)) continue;
			const lines = map.payload.mappings.split(';').length;
			for (let lineNumber = 0; lineNumber < lines; lineNumber++) {
				const entry = map.findEntry(lineNumber, 1_000_000) as
					| { originalSource: string; originalLine: number; generatedLine: number; generatedColumn: number }
					| undefined;
				if (entry?.originalSource !== source || entry.generatedLine !== lineNumber) continue;
				if (entry.originalLine === line - 1)
					return { scriptId: script.scriptId, lineNumber, columnNumber: 0 };
			}
		}
		return undefined;
	}

	#send(method: string, params: object = {}): Promise<object> {
		const id = ++this.#count;
		return new Promise((resolve, reject) => {
			const timer = setTimeout(() => reject(new Error(`${method} was not answered`)), patienceMs);
			this.#answers.set(id, ({ result, error }) => {
				clearTimeout(timer);
				this.#answers.delete(id);
				if (error) reject(new Error(`${method}: ${JSON.stringify(error)}`));
				else resolve(result ?? {});
			});
			this.#socket.send(JSON.stringify({ id, method, params }));
		});
	}
}

const maps = new Map<string, SourceMap | undefined>();

/** The map of a script: in it, or in a file beside it. */
function mapOf({ scriptId, url, sourceMapURL = '' }: Script): SourceMap | undefined {
	const key = `${url} ${scriptId}`;
	if (!maps.has(key)) maps.set(key, readMap(url, sourceMapURL));
	return maps.get(key);
}

function readMap(url: string, sourceMapURL: string): SourceMap | undefined {
	if (sourceMapURL === '') return undefined;
	try {
		const inline = /^data:[^,]*;base64,(.*)$/s.exec(sourceMapURL)?.[1];
		const text =
			inline === undefined
				? readFileSync(fileURLToPath(new URL(sourceMapURL, url)), 'utf8')
				: Buffer.from(inline, 'base64').toString();
		return new SourceMap(JSON.parse(text));
	} catch {
		return undefined;
	}
}
