/** A template: what it shows, and how the plugin that it makes is tried out. */
export interface Template {
	/** One line, for the list that `init` shows. */
	readonly summary: string;
	/** Purpose of the made plugin: the first sentence of its README. */
	readonly does: string;
	/** The words after `orchestra` that show it at work, run in its folder. */
	readonly tryOut: readonly string[];
}

/** The templates by name. Each has a folder of that name in templates/. */
export const templates = {
	tool: {
		summary: 'a tool that answers with a result',
		does: 'A plugin with a tool: the weather forecast of a few cities.',
		tryOut: ['call . forecast city=Oslo days=2'],
	},
	streaming: {
		summary: 'a tool that answers with a stream, and can be cancelled',
		does: 'A plugin with a streaming tool: a countdown.',
		tryOut: ['call . countdown from=3'],
	},
	storage: {
		summary: 'keeps entries for other plugins, safe against lost updates',
		does: 'A plugin that keeps notes for other plugins, in memory.',
		tryOut: ["call . append 'text=Buy milk'"],
	},
	prompt: {
		summary: 'a prompt with arguments for a language model',
		does: 'A plugin with a prompt: the review of some code.',
		tryOut: ['inspect .', 'call . checklist focus=security'],
	},
	events: {
		summary: 'publishes events and listens to them',
		does: 'A plugin that tells others about tasks, and listens to what they tell.',
		tryOut: ['call . report task=paint person=Ada'],
	},
	session: {
		summary: 'hooks, tools and notes of its own in each session of an agent',
		does: 'A plugin that takes part in sessions: it gives hints before a turn, and keeps notes.',
		tryOut: ['session .'],
	},
	exec: {
		summary: 'terminals and commands on what it knows, that can be left and come back to',
		does: 'A plugin that gives shells on a few machines, and a console that answers by itself.',
		tryOut: ['exec . shell', 'exec . shell -T -- ls'],
	},
	seam: {
		summary: 'a typed interface that a host loads by name',
		does: 'A plugin behind a seam: the thermometers of a house.',
		tryOut: ['inspect .'],
	},
	mcp: {
		summary: 'tools and a prompt for agents, with hints and a question to the user',
		does: 'A plugin for agents: a small library. `orchestra mcp add` puts it into Claude, Cursor or VS Code.',
		tryOut: ['call . search text=moby'],
	},
} satisfies Record<string, Template>;

/** The name of a template. */
export type TemplateName = keyof typeof templates;

/** Every template's name, the default first. */
export const templateNames = Object.keys(templates) as TemplateName[];

/** Runtimes with which the made plugin is developed and tested. Its build runs on both. */
export const scaffoldRuntimes = ['node', 'deno'] as const;

/** One of {@link scaffoldRuntimes}. */
export type ScaffoldRuntime = (typeof scaffoldRuntimes)[number];
