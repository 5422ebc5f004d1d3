/** Whether this process is Deno; Node otherwise. */
export const onDeno = 'Deno' in globalThis;
