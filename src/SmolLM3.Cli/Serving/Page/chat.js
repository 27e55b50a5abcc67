// The conversation of this tab, and how an answer to it is made.

import { stream } from './api.js';
import { tab } from './store.js';
import { declarations, run } from './tools.js';

// A model that calls and calls would otherwise never end.
const MOST_ROUNDS = 8;

/** The messages so far, in OpenAI's form; a reload keeps them. A new conversation is a new list. */
export let messages = read();

/** Forgets all. */
export function clear() {
  messages = [];
  save();
}

/** Adds a question. */
export const ask = text => add(messages, { role: 'user', content: text });

/** Removes the last question, if nothing came after it, and returns its text; otherwise an empty one. */
export function takeBack() {
  if (messages.at(-1)?.role !== 'user') return '';
  const { content } = messages.pop();
  save();
  return content;
}

/**
 * Asks for the answer to the conversation, runs the calls in it and asks again, until the model is done.
 * What was said until a stop or a cut stays in the conversation, unless another has begun.
 */
export async function answer({ thinks, hasTools, signal, view, onUsage, onToken }) {
  const mine = messages;
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const request = {
      messages: mine,
      reasoning_effort: thinks ? 'medium' : 'none',
      ...(hasTools ? { tools: declarations } : {}),
    };
    const message = { role: 'assistant', content: '' };
    let end = null;
    try {
      for await (const chunk of stream(request, signal)) {
        signal.throwIfAborted();
        const choice = chunk.choices?.[0];
        if (choice) {
          collect(message, choice.delta);
          end = choice.finish_reason ?? end;
          onToken();
          view.show(message);
        }

        if (chunk.usage) onUsage(chunk.usage);
      }
    } catch (error) {
      // A call that was cut cannot be run, and one without its result would break the next request.
      delete message.tool_calls;
      if (message.content || message.reasoning_content) add(mine, message);
      throw error;
    }

    add(mine, message);
    if (!message.tool_calls?.length) return end;
    for (const call of message.tool_calls) {
      const result = run(call);
      view.showResult(call, result);
      add(mine, { role: 'tool', tool_call_id: call.id, content: result });
    }
  }

  throw new Error(`The model asked for tools ${MOST_ROUNDS} times in a row.`);
}

function collect(message, delta) {
  message.content += delta.content ?? '';
  if (delta.reasoning_content) message.reasoning_content = (message.reasoning_content ?? '') + delta.reasoning_content;
  for (const part of delta.tool_calls ?? []) {
    message.tool_calls ??= [];
    const call = message.tool_calls[part.index] ??= { id: '', type: 'function', function: { name: '', arguments: '' } };
    call.id ||= part.id ?? '';
    call.function.name += part.function?.name ?? '';
    call.function.arguments += part.function?.arguments ?? '';
  }
}

function add(list, message) {
  list.push(message);
  if (list === messages) save();
}

const save = () => tab.set('messages', JSON.stringify(messages));

function read() {
  try {
    const kept = JSON.parse(tab.get('messages') ?? '[]');
    return kept.every(message => typeof message.role === 'string') ? kept : [];
  } catch {
    return [];
  }
}
