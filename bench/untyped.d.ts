/** It brings no types. */
declare module 'ws';
