// The page: reads the question, shows the answer, keeps the gauges.

import { getModel, hasKey, setKey } from './api.js';
import * as chat from './chat.js';
import { browser, tab } from './store.js';
import * as view from './view.js';

const part = id => document.getElementById(id);
const [form, question, send, stop, status] = ['form', 'question', 'send', 'stop', 'status'].map(part);
let contextLength = null;
let running = null;

form.addEventListener('submit', event => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || running) return;
  question.value = '';
  ask(text);
});

question.addEventListener('keydown', event => {
  // Enter also ends the choice of a character in many scripts.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener('keydown', event => {
  if (event.key !== 'Escape' || event.isComposing || !running) return;
  event.preventDefault();
  running.abort();
});

stop.addEventListener('click', () => running?.abort());
part('new').addEventListener('click', startAnew);
part('theme').addEventListener('click', () => {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  setTheme((document.documentElement.dataset.theme ?? (isDark ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark');
});
for (const id of ['think', 'tools']) {
  part(id).checked = (browser.get(id) ?? String(id === 'think')) === 'true';
  part(id).addEventListener('change', () => browser.set(id, part(id).checked));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  browser.set('theme', theme);
}

function startAnew() {
  running?.abort();
  running = null;
  chat.clear();
  view.clear();
  showUsage(0);
  say('');
  part('speed').textContent = '–';
  setBusy(false);
  question.focus();
}

async function ask(text) {
  const mine = running = new AbortController();
  let needsKey = false;
  chat.ask(text);
  view.showQuestion(text);
  const answerView = new view.AnswerView();
  let [tokens, first] = [0, 0];
  setBusy(true);
  say('Reading the question …');
  try {
    // Since the page was opened it may have been loaded, or replaced by another.
    await showModel(mine.signal);
    const end = await chat.answer({
      thinks: part('think').checked,
      hasTools: part('tools').checked,
      signal: mine.signal,
      view: answerView,
      onToken: () => {
        if (tokens++ === 0) {
          first = performance.now();
          say('Answering …');
        }

        showSpeed(tokens, first);
      },
      onUsage: usage => {
        showSpeed(usage.completion_tokens, first);
        showUsage(usage.total_tokens);
        tokens = 0;
      },
    });
    answerView.end(end === 'length' ? 'The answer came to its limit.' : '');
    say('');
  } catch (error) {
    const what = mine.signal.aborted ? ['Stopped.'] : [error.message, true];
    answerView.end(...what);
    if (mine === running) {
      // Where the answer stays it tells what ended it.
      if (takeBack()) say(...what);
      else say('');
      needsKey = error.status === 401;
    }
  } finally {
    if (mine === running) {
      running = null;
      setBusy(false);
    }
  }

  if (needsKey) askForKey(() => form.requestSubmit());
}

/** Puts a question that nothing answers, if there is one, back to where it was written: it may be sent again. */
function takeBack() {
  const text = chat.takeBack();
  if (!text) return false;
  view.removeQuestion();
  question.value = [text, question.value].filter(Boolean).join('\n');
  return true;
}

function setBusy(isBusy) {
  const hadFocus = document.activeElement === (isBusy ? send : stop);
  send.hidden = isBusy;
  stop.hidden = !isBusy;
  if (hadFocus) (isBusy ? stop : question).focus();
}

function say(text, isError = false) {
  status.textContent = text;
  status.classList.toggle('error', isError);
}

function showSpeed(tokens, first) {
  const seconds = (performance.now() - first) / 1000;
  if (tokens > 1 && seconds > 0) part('speed').textContent = `${((tokens - 1) / seconds).toFixed(1)} tokens/s`;
}

function showUsage(tokens) {
  tab.set('tokens', tokens);
  part('context').hidden = !contextLength;
  part('context').value = contextLength ? tokens / contextLength : 0;
  part('room').textContent =
    `${tokens.toLocaleString()} ${contextLength ? `of ${contextLength.toLocaleString()} ` : ''}tokens`;
}

/** Asks for a key, and goes on where the server refused one or none. */
async function askForKey(goOn) {
  const dialog = part('key');
  if (dialog.open) return;
  dialog.returnValue = '';
  part('key-refused').hidden = !hasKey();
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  if (dialog.returnValue !== 'use') return;
  setKey(part('key-value').value.trim());
  part('key-value').value = '';
  goOn();
}

/** Shows the conversation again after a reload. */
function showConversation() {
  let answerView = null;
  const calls = new Map();
  for (const message of chat.messages) {
    if (message.role === 'user') {
      answerView?.end();
      answerView = null;
      view.showQuestion(message.content);
    } else {
      answerView ??= new view.AnswerView();
      if (message.role === 'tool') answerView.showResult(calls.get(message.tool_call_id), message.content);
      else answerView.show(message);
      for (const call of message.tool_calls ?? []) calls.set(call.id, call);
    }
  }

  answerView?.end();
}

async function showModel(signal) {
  const model = await getModel(signal);
  contextLength = model.contextLength;
  part('model').textContent = model.id;
  document.title = `${model.id} – SmolLM3`;
  showUsage(Number(tab.get('tokens')) || 0);
}

async function start() {
  try {
    await showModel();
    say('');
  } catch (error) {
    say(error.message, true);
    if (error.status === 401) askForKey(start);
  }
}

const theme = browser.get('theme');
if (theme) setTheme(theme);
takeBack();
showConversation();
await start();
