// The conversation as articles of the log.

import { render } from './markdown.js';

const log = document.getElementById('log');
const main = document.getElementById('main');

/** Empties the log. */
export const clear = () => log.replaceChildren();

/** Shows a question. */
export function showQuestion(text) {
  article('user', 'You').append(said('div', text, 'text'));
  follow();
}

/** Removes the last question and what stands below it. */
export function removeQuestion() {
  const last = [...log.querySelectorAll('article.user')].at(-1);
  while (last?.nextSibling) last.nextSibling.remove();
  last?.remove();
}

/** An answer as it grows: thoughts folded away, calls shown, text as Markdown. */
export class AnswerView {
  #article = article('assistant', 'SmolLM3');
  #message = null;
  #thought = null;
  #text = null;
  #calls = null;
  #frame = 0;

  /** Screen readers wait until it is whole. */
  constructor() {
    this.#article.setAttribute('aria-busy', 'true');
  }

  /** Shows a message as far as it is there; cheap to call for every token. */
  show(message) {
    this.#message = message;
    this.#frame ||= requestAnimationFrame(() => this.#paint());
  }

  /** Shows what a call gave. */
  showResult(call, result) {
    this.#paint();
    const box = this.#article.appendChild(document.createElement('details'));
    box.className = 'result';
    box.append(element('summary', `Result of ${call.function.name}`), element('pre', result));
    this.#thought = this.#text = this.#calls = this.#message = null;
  }

  /** Ends it, with a note or an error below. */
  end(note = '', isError = false) {
    // Screen readers tell what comes once it is no longer busy: the whole text, painted anew.
    this.#article.removeAttribute('aria-busy');
    this.#paint();
    if (note) this.#article.append(element('p', note, isError ? 'error' : 'note'));
    follow();
  }

  #paint() {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    if (!this.#message) return;
    const isAtEnd = main.scrollHeight - main.scrollTop - main.clientHeight < 80;
    const { reasoning_content: thought, content, tool_calls: calls } = this.#message;
    if (thought) {
      this.#thought ??= this.#fold('thought', 'Thoughts', 'div');
      this.#thought.textContent = thought.trim();
      this.#thought.parentElement.firstChild.textContent = content || calls?.length ? 'Thoughts' : 'Thinking …';
    }

    if (content) {
      this.#text ??= this.#append('div', 'text');
      this.#text.replaceChildren(render(content));
    }

    if (calls?.length) {
      this.#calls ??= this.#fold('call', 'Calls', 'pre', true);
      this.#calls.textContent = calls.map(call => `${call.function.name}(${call.function.arguments})`).join('\n');
    }

    if (isAtEnd) follow();
  }

  #fold(kind, title, name, isOpen = false) {
    const box = this.#append('details', `${kind}-box`);
    box.open = isOpen;
    const inner = said(name, '', kind);
    box.append(element('summary', title), inner);
    return inner;
  }

  #append(name, kind) {
    return this.#article.appendChild(said(name, '', kind));
  }
}

function follow() {
  main.scrollTop = main.scrollHeight;
}

function article(kind, title) {
  const box = log.appendChild(element('article', '', kind));
  box.append(element('h2', title));
  return box;
}

// Of a language that the page does not know, in its own direction.
function said(name, text, kind) {
  const made = element(name, text, kind);
  made.lang = '';
  made.dir = 'auto';
  return made;
}

function element(name, text, kind = '') {
  const made = document.createElement(name);
  made.textContent = text;
  if (kind) made.className = kind;
  return made;
}
