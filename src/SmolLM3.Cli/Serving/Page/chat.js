// The conversation of this tab, and how an answer to it is made.

import { stream } from './api.js';
import { declarations, run } from './tools.js';

const KEY = 'smollm3.messages';

// A model that calls and calls would otherwise never end.
const MOST_ROUNDS = 8;

/** The messages so far, in OpenAI's form; a reload keeps them. */
export const messages = JSON.parse(sessionStorage.getItem(KEY) ?? '[]');

/** Forgets all. */
export function clear() {
  messages.length = 0;
  save();
}

/** Adds a message. */
export function add(message) {
  messages.push(message);
  save();
}

/**
 * Asks for the answer to the conversation, runs the calls in it and asks again, until the model is done.
 * What was said until a stop or a cut stays in the conversation.
 */
export async function answer({ model, thinks, hasTools, signal, view, onUsage, onToken }) {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const request = {
      model,
      messages,
      reasoning_effort: thinks ? 'medium' : 'none',
      ...(hasTools ? { tools: declarations } : {}),
    };
    const message = { role: 'assistant', content: '' };
    let end = null;
    try {
      for await (const chunk of stream(request, signal)) {
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
      if (message.content || message.reasoning_content) add(message);
      throw error;
    }

    add(message);
    if (!message.tool_calls?.length) return end;
    for (const call of message.tool_calls) {
      const result = run(call);
      view.showResult(call, result);
      add({ role: 'tool', tool_call_id: call.id, content: result });
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

function save() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(messages));
  } catch {
    // The tab's store is full: the conversation goes on, a reload would lose its end.
  }
}
