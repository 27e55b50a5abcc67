// The page: reads the question, shows the answer, keeps the gauges.

import { getModel, ServerError, setKey } from './api.js';
import * as chat from './chat.js';
import * as view from './view.js';

const part = id => document.getElementById(id);
const [form, question, send, stop, status] = ['form', 'question', 'send', 'stop', 'status'].map(part);
let model = { id: '', contextLength: null };
let running = null;

form.addEventListener('submit', event => {
  event.preventDefault();
  const text = question.value.trim();
  if (!text || running) return;
  question.value = '';
  chat.add({ role: 'user', content: text });
  view.showQuestion(text);
  ask();
});

question.addEventListener('keydown', event => {
  // Enter also ends the choice of a character in many scripts.
  if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  form.requestSubmit();
});

document.addEventListener('keydown', event => {
  if (event.key === 'Escape') running?.abort();
  else if (event.altKey && event.code === 'KeyN') startAnew();
  else if (event.altKey && event.code === 'KeyT') part('think').click();
  else return;
  event.preventDefault();
});

stop.addEventListener('click', () => running?.abort());
part('new').addEventListener('click', startAnew);
part('theme').addEventListener('click', () => {
  const isDark = matchMedia('(prefers-color-scheme: dark)').matches;
  setTheme((document.documentElement.dataset.theme ?? (isDark ? 'dark' : 'light')) === 'dark' ? 'light' : 'dark');
});
for (const id of ['think', 'tools']) {
  part(id).checked = (localStorage.getItem(`smollm3.${id}`) ?? String(id === 'think')) === 'true';
  part(id).addEventListener('change', () => localStorage.setItem(`smollm3.${id}`, part(id).checked));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = theme;
  localStorage.setItem('smollm3.theme', theme);
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

async function ask() {
  const mine = running = new AbortController();
  const answerView = new view.AnswerView();
  let [tokens, first] = [0, 0];
  setBusy(true);
  say('Reading the question …');
  try {
    const end = await chat.answer({
      model: model.id,
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
    answerView.end(...(mine.signal.aborted ? ['Stopped.'] : [error.message, true]));
    if (mine === running) say(mine.signal.aborted ? 'Stopped.' : error.message, !mine.signal.aborted);
    if (error instanceof ServerError && error.status === 401) askForKey();
  } finally {
    if (mine === running) {
      running = null;
      setBusy(false);
      question.focus();
    }
  }
}

function setBusy(isBusy) {
  send.hidden = isBusy;
  stop.hidden = !isBusy;
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
  sessionStorage.setItem('smollm3.tokens', tokens);
  const length = model.contextLength;
  part('context').hidden = !length;
  part('context').value = length ? tokens / length : 0;
  part('room').textContent =
    length ? `${tokens.toLocaleString()} of ${length.toLocaleString()} tokens` : `${tokens.toLocaleString()} tokens`;
}

async function askForKey() {
  const dialog = part('key');
  if (dialog.open) return;
  dialog.returnValue = '';
  dialog.showModal();
  await new Promise(resolve => dialog.addEventListener('close', resolve, { once: true }));
  if (dialog.returnValue !== 'use') return;
  setKey(part('key-value').value);
  part('key-value').value = '';
  await start();
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

async function start() {
  try {
    model = await getModel();
    part('model').textContent = model.id;
    document.title = `${model.id} – SmolLM3`;
    showUsage(Number(sessionStorage.getItem('smollm3.tokens') ?? 0));
    say('');
  } catch (error) {
    say(error.message, true);
    if (error.status === 401) askForKey();
  }
}

const theme = localStorage.getItem('smollm3.theme');
if (theme) setTheme(theme);
showConversation();
await start();
