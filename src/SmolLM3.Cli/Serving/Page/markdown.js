// Markdown as nodes of the page. Text only ever becomes text nodes and links only http, https and mailto, so nothing that
// a model writes can become an element, a script or a style: no HTML is parsed anywhere.
//
// The work grows with the length of the text and no faster, whatever a model writes: no two parts of a pattern that follow
// each other take the same characters, and what looks for an end stops where another of its kind would begin.

const RULE = /^ {0,3}([-*_])(?:\s*\1){2,}\s*$/;
const HEADING = /^ {0,3}(#{1,6})\s+(.*)$/s;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$/s;
const ITEM = /^( *)([-*+]|\d{1,9}[.)])\s+(.*)$/s;
const QUOTE = /^ {0,3}> ?(.*)$/s;
const SAFE_LINK = /^(https?:|mailto:)/i;

// Deeper nesting than any reader wants; without a bound, "> > > …" would overflow the stack.
const DEEPEST = 12;

/** Turns Markdown into a fragment. */
export function render(text) {
  const fragment = document.createDocumentFragment();
  blocks(text.replaceAll('\r\n', '\n').split('\n'), fragment, 0);
  return fragment;
}

function blocks(lines, parent, depth) {
  let at = 0;
  while (at < lines.length) {
    at = block(lines, at, parent, depth);
  }
}

/** Appends the block that begins at a line, and returns the line after it. */
function block(lines, at, parent, depth) {
  const line = lines[at];
  if (line.trim() === '') return at + 1;
  const fence = FENCE.exec(line);
  if (fence) return code(lines, at, fence, parent);
  const heading = HEADING.exec(line);
  if (heading) {
    // The page's own headings are of the levels 1 and 2.
    inline(heading[2].trim().replace(/(?:^|\s)#+$/, '').trimEnd(), append(parent, `h${Math.min(6, heading[1].length + 2)}`), 0);
    return at + 1;
  }

  if (RULE.test(line)) {
    append(parent, 'hr');
    return at + 1;
  }

  if (depth < DEEPEST && QUOTE.test(line)) return quote(lines, at, parent, depth);
  if (depth < DEEPEST && ITEM.test(line)) return list(lines, at, parent, depth);
  if (line.includes('|') && isDivider(lines[at + 1] ?? '')) return table(lines, at, parent);

  return paragraph(lines, at, parent);
}

function code(lines, at, fence, parent) {
  let end = at + 1;
  while (end < lines.length && !(lines[end].trim().startsWith(fence[1]) && /^ *[`~]+ *$/.test(lines[end]))) end++;
  const block = append(append(parent, 'pre'), 'code');
  block.textContent = lines.slice(at + 1, end).join('\n');
  if (fence[2].trim()) block.title = fence[2].trim();
  return end + 1;
}

function quote(lines, at, parent, depth) {
  const inner = [];
  while (at < lines.length && QUOTE.test(lines[at])) inner.push(QUOTE.exec(lines[at++])[1]);
  blocks(inner, append(parent, 'blockquote'), depth + 1);
  return at;
}

function list(lines, at, parent, depth) {
  const [, indent, mark] = ITEM.exec(lines[at]);
  const ordered = /\d/.test(mark);
  const element = append(parent, ordered ? 'ol' : 'ul');
  if (ordered) element.start = Number.parseInt(mark, 10);
  while (at < lines.length) {
    const item = ITEM.exec(lines[at]);
    if (!item || item[1].length !== indent.length || /\d/.test(item[2]) !== ordered) break;
    const inner = [item[3]];
    const inset = item[0].length - item[3].length;
    at++;
    while (at < lines.length && belongsToItem(lines, at, indent.length)) {
      inner.push(lines[at].slice(Math.min(inset, indentOf(lines[at]))));
      at++;
    }

    const entry = append(element, 'li');
    blocks(inner, entry, depth + 1);
    if (entry.childElementCount > 0 && entry.firstElementChild.tagName === 'P') {
      entry.firstElementChild.replaceWith(...entry.firstElementChild.childNodes);
    }

    while (at < lines.length && lines[at].trim() === '' && ITEM.test(lines[at + 1] ?? '')) at++;
  }

  return at;
}

const indentOf = line => line.length - line.trimStart().length;

// An empty line does if an indented one follows.
const belongsToItem = (lines, at, indent) =>
  indentOf(lines[at].trim() === '' ? (lines[at + 1] ?? '').trimEnd() : lines[at]) > indent;

function table(lines, at, parent) {
  const element = append(append(parent, 'div'), 'table');
  row(lines[at], append(append(element, 'thead'), 'tr'), 'th');
  const body = append(element, 'tbody');
  for (at += 2; at < lines.length && lines[at].includes('|'); at++) row(lines[at], append(body, 'tr'), 'td');
  return at;
}

function row(line, parent, cell) {
  for (const text of cells(line)) inline(text, append(parent, cell), 0);
}

const cells = line => line.trim().replace(/^\||\|$/g, '').split('|').map(text => text.trim());

const isDivider = line => line.includes('-') && cells(line).every(text => /^:?-+:?$/.test(text));

function paragraph(lines, at, parent) {
  const begin = at;
  do at++; while (at < lines.length && !breaksParagraph(lines[at]));
  inline(lines.slice(begin, at).join('\n'), append(parent, 'p'), 0);
  return at;
}

const breaksParagraph = line =>
  line.trim() === '' || FENCE.test(line) || HEADING.test(line) || RULE.test(line) || QUOTE.test(line) || ITEM.test(line);

// One alternative a kind: code, link, address, strong, emphasis, struck out, a line break. Runs of backticks have eight
// lengths at most, so that few of them can go without an end nearby.
const INLINE = new RegExp([
  /(?<!`)(?<tick>`{1,8})(?!`)(?<code>[^]{0,4000}?[^`])\k<tick>(?!`)/,
  /\[(?<label>[^[\]\n]{1,500})\]\((?<target>[^\s()]{1,2000}(?:\([^\s()]*\))?)\)/,
  /(?<address>https?:\/\/[^\s<>"'`]{1,2000}[^\s<>"'`.,;:!?)\]])/,
  /\*\*(?<strong>(?=\S)(?:[^*]|\*(?!\*)|\*(?=\*\*(?!\*))){1,2000}(?<=\S))\*\*/,
  /(?<![\w*])\*(?<em>(?=[^\s*])[^*]{0,2000}?)\*(?![\w*])/,
  /(?<!\w)_(?<under>(?=[^\s_])[^_]{0,2000}?)_(?!\w)/,
  /~~(?<struck>(?=\S)(?:[^~]|~(?!~)){1,2000}(?<=\S))~~/,
  /(?<break>(?<! ) {2,}\n|\\\n)/,
].map(part => part.source).join('|'), 'g');

function inline(text, parent, depth) {
  let from = 0;
  for (const match of depth < DEEPEST ? text.matchAll(INLINE) : []) {
    parent.append(text.slice(from, match.index));
    from = match.index + match[0].length;
    const { code, label, target, address, strong, em, under, struck } = match.groups;
    if (code !== undefined) append(parent, 'code').textContent = code;
    else if (label !== undefined) link(label, target, match[0], parent);
    else if (address !== undefined) link(address, address, address, parent);
    else if (strong !== undefined) inline(strong, append(parent, 'strong'), depth + 1);
    else if (em ?? under) inline(em ?? under, append(parent, 'em'), depth + 1);
    else if (struck !== undefined) inline(struck, append(parent, 's'), depth + 1);
    else append(parent, 'br');
  }

  parent.append(text.slice(from));
}

function link(label, target, source, parent) {
  if (!SAFE_LINK.test(target)) {
    parent.append(source);
    return;
  }

  const anchor = append(parent, 'a');
  anchor.href = target;
  anchor.rel = 'noopener noreferrer nofollow';
  anchor.target = '_blank';
  anchor.textContent = label;
}

function append(parent, name) {
  return parent.appendChild(document.createElement(name));
}
