// The server's OpenAI endpoints, as far as the page needs them.

import { tab } from './store.js';

let key = tab.get('key');

/** What the server answered instead of a stream. */
export class ServerError extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

/** Whether there is a key. */
export const hasKey = () => Boolean(key);

/** Remembers a key in this tab. It must be ASCII, as headers are. */
export function setKey(value) {
  key = value;
  tab.set('key', value);
}

/** The model that is served: its name, and its context length in tokens, null while the server does not know it. */
export async function getModel(signal) {
  const response = await call('v1/models', { signal });
  const model = (await response.json()).data[0];
  return { id: model.id, contextLength: model.max_model_len ?? null };
}

/** Asks for an answer and yields its chunks as they come. */
export async function* stream(body, signal) {
  const response = await call('v1/chat/completions', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ ...body, stream: true, stream_options: { include_usage: true } }),
    signal,
  });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    const { value, done } = await reader.read();
    if (done) throw new ServerError('The connection to the server was cut.', 0);
    const lines = (rest + value).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data:')) continue;
      const data = line.slice('data:'.length).trim();
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data);
      if (chunk.error) throw new ServerError(chunk.error.message, 0);
      yield chunk;
    }
  }
}

async function call(path, options) {
  const headers = { ...options.headers, ...(key ? { Authorization: `Bearer ${key}` } : {}) };
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ServerError('The server cannot be reached.', 0);
  }

  if (!response.ok) {
    const body = await response.json().catch(() => null);
    throw new ServerError(body?.error?.message ?? `The server answers ${response.status}.`, response.status);
  }

  return response;
}
