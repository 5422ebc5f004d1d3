import { homedir } from 'node:os';
import { join } from 'node:path';

/** A program that starts MCP servers, and keeps them in a file of its own. */
export interface McpClient {
	readonly name: string;
	/** Name for people. */
	readonly title: string;
	/** The key of the file under which its servers are. */
	readonly key: 'mcpServers' | 'servers';
	/** Whether the file is one of the project, in its folder. */
	readonly ofProject: boolean;
	/** The file. @param folder that of the project */
	file(folder: string): string;
}

/** Folder in which a program keeps its settings on this system. Sources: the documentation of each client. */
function settingsFolder(): string {
	const home = homedir();
	if (process.platform === 'darwin') return join(home, 'Library/Application Support');
	if (process.platform === 'win32') return process.env.APPDATA ?? join(home, 'AppData/Roaming');
	return process.env.XDG_CONFIG_HOME || join(home, '.config');
}

/** The clients whose files are known. */
export const mcpClients: readonly McpClient[] = [
	{
		name: 'claude-desktop',
		title: 'Claude Desktop',
		key: 'mcpServers',
		ofProject: false,
		file: () => join(settingsFolder(), 'Claude/claude_desktop_config.json'),
	},
	{
		name: 'claude-code',
		title: 'Claude Code',
		key: 'mcpServers',
		ofProject: true,
		file: (folder) => join(folder, '.mcp.json'),
	},
	{
		name: 'cursor',
		title: 'Cursor',
		key: 'mcpServers',
		ofProject: false,
		file: () => join(homedir(), '.cursor/mcp.json'),
	},
	{
		name: 'vscode',
		title: 'VS Code',
		key: 'servers',
		ofProject: true,
		file: (folder) => join(folder, '.vscode/mcp.json'),
	},
];
